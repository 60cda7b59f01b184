import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { parseConfig } from "@statewave-connectors/config";
import { openTelemetry } from "@statewave-connectors/opentelemetry";
import { createRunner } from "@statewave-connectors/runner";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect, it, type TestContext } from "vitest";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace } from "./workspace.ts";

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

interface SentRecord {
  readonly traceId?: string;
  readonly body: { readonly stringValue: string };
}

/** An OTLP/HTTP endpoint, and a way to Statewave that remembers the trace of each batch. */
class Collector {
  readonly spans: SentSpan[] = [];
  readonly records: SentRecord[] = [];
  readonly services = new Set<string>();
  /** Of the requests that store episodes. */
  readonly traceparents: string[] = [];
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, body }) =>
      response.writeHead(status, { "content-type": "application/json" }).end(body),
    );
  });
  readonly #statewaveUrl: string;

  constructor(statewaveUrl: string) {
    this.#statewaveUrl = statewaveUrl;
  }

  async listen({ onTestFinished }: TestContext): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void this.#server.close());
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  named(name: string): readonly SentSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The names from a span up to the root of its trace. */
  wayUp(span: SentSpan | undefined): readonly string[] {
    if (span === undefined) return [];
    const parent = this.spans.find(({ spanId, traceId }) => spanId === span.parentSpanId && traceId === span.traceId);
    return [span.name, ...this.wayUp(parent)];
  }

  async #answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: string }> {
    const body = await text(request);
    const { url = "", method = "GET", headers } = request;
    if (url === "/v1/traces") {
      for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
        this.#learnService(resource);
        this.spans.push(...scopeSpans.flatMap(({ spans }: { spans: SentSpan[] }) => spans));
      }
      return { status: 200, body: "{}" };
    }
    if (url === "/v1/logs") {
      for (const { scopeLogs } of JSON.parse(body).resourceLogs)
        this.records.push(...scopeLogs.flatMap(({ logRecords }: { logRecords: SentRecord[] }) => logRecords));
      return { status: 200, body: "{}" };
    }
    if (url === "/v1/episodes/batch" && typeof headers["traceparent"] === "string")
      this.traceparents.push(headers["traceparent"]);
    const forwarded = { method, headers: { "content-type": "application/json" }, ...(method === "POST" && { body }) };
    const answer = await fetch(`${this.#statewaveUrl}${url}`, forwarded);
    return { status: answer.status, body: await answer.text() };
  }

  #learnService(resource: {
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  }): void {
    for (const { key, value } of resource.attributes) if (key === "service.name") this.services.add(value.stringValue ?? "");
  }
}

it("one trace leads from a webhook through the inbox to the request that stores its episode", async (test) => {
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  const collector = new Collector(statewave.url);
  const url = await collector.listen(test);
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: url }));
  await workspace.write("docs/note.md", "# Note\n\nAs agreed.\n");
  const runner = await workspace.run({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: "50",
    OTEL_SERVICE_NAME: "my-runner",
  });
  const body = slackBody(1, "Who is on call?");
  const forged = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  const headers = { ...slackHeaders(body), traceparent: forged };
  const answer = await fetch(`${await runner.listening()}${slackPath}`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  await until("both episodes are stored", () => statewave.episodes.length >= 2);
  // What is left is sent at the end.
  await runner.terminate();

  expect(collector.services).toEqual(new Set(["my-runner"]));
  const [webhook] = collector.named("webhook slack/team");
  expect(webhook?.traceId).not.toBe("0123456789abcdef0123456789abcdef");
  const ways = collector.named("send batch").map((span) => collector.wayUp(span));
  expect(ways).toContainEqual(["send batch", "deliver", "page", "event slack/team", "webhook slack/team"]);
  expect(ways).toContainEqual(["send batch", "deliver", "page", "run markdown/docs"]);
  // The server gets the span of the request that stores its rows.
  const sent = collector.named("send batch").map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
  expect(collector.traceparents.length).toBeGreaterThanOrEqual(2);
  expect(sent).toEqual(expect.arrayContaining(collector.traceparents));
  const runs = new Set(collector.named("run markdown/docs").map(({ traceId }) => traceId));
  expect(collector.records.map(({ body: { stringValue } }) => stringValue)).toContain("listening");
  expect(collector.records.some(({ traceId = "" }) => runs.has(traceId))).toBe(true);
  expect(JSON.stringify([collector.spans, collector.records])).not.toContain("Who is on call?");
});

it("an endpoint that is unreachable costs nothing but traces, and is reported once", async (test) => {
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: statewave.url }));
  await workspace.write("docs/note.md", "# Note\n\nAs agreed.\n");
  const runner = await workspace.run({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    OTEL_BSP_SCHEDULE_DELAY: "50",
    OTEL_EXPORTER_OTLP_TIMEOUT: "500",
  });
  await until("the episode is stored", () => statewave.episodes.length > 0);
  await until("the trouble is logged", () => runner.stderr.includes("OpenTelemetry could not send what it has"));
  expect(await runner.terminate()).toMatchObject({ code: 0 });
  expect(runner.stderr.split("OpenTelemetry could not send what it has")).toHaveLength(2);
});

it("an embedding program passes telemetry, and without an SDK of its own runs as without", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write("docs/note.md", "# Note\n\nAs agreed.\n");
  const toml = configText({ statewaveUrl: "stdout:" });
  const parsed = await parseConfig(toml, { baseDir: workspace.folder, resolveFrom: [import.meta.url] });
  const texts: string[] = [];
  const ingest = async (episodes: readonly { readonly text: string }[]) =>
    void texts.push(...episodes.map(({ text: each }) => each));
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const resolveFrom = [import.meta.url];
  const runner = await createRunner({ ...parsed, resolveFrom, listen: false, ingest, logger, telemetry: openTelemetry() });
  await runner.start();
  await until("the episode is delivered", () => texts.length > 0);
  await runner.stop();
  expect(texts.join()).toContain("As agreed.");
});
