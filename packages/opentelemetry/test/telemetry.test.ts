import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { ConnectorsError, type Logger, Secret } from "@statewave-connectors/connector-sdk";
import { silentLogger, type Telemetry } from "@statewave-connectors/connector-sdk/host";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTelemetry, startTelemetry } from "../src/index.ts";

let spans: InMemorySpanExporter;
let records: InMemoryLogRecordExporter;
let telemetry: Telemetry;

beforeEach(() => {
  spans = new InMemorySpanExporter();
  records = new InMemoryLogRecordExporter();
  telemetry = startTelemetry({
    spanProcessor: new SimpleSpanProcessor({ exporter: spans }),
    logProcessor: new SimpleLogRecordProcessor({ exporter: records }),
  });
});
afterEach(() => telemetry.close());

const ended = (name: string) => spans.getFinishedSpans().find((span) => span.name === name);

test("work that a span begins is below it, also after an await", async () => {
  await telemetry.span(
    "outer",
    { kind: "server", attributes: { "statewave.source": "slack/team", left: undefined } },
    async (span) => {
      await Promise.resolve();
      await telemetry.span("inner", {}, async () => undefined);
      span.set({ "statewave.outcome": "fresh" });
    },
  );
  const [outer, inner] = [ended("outer"), ended("inner")];
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.kind).toBe(SpanKind.SERVER);
  expect(outer?.attributes).toEqual({ "statewave.source": "slack/team", "statewave.outcome": "fresh" });
});

test("a span continues the trace of a traceparent, and not that of its caller", async () => {
  let stored: string | undefined;
  await telemetry.span("webhook", {}, async () => void (stored = telemetry.current()));
  await telemetry.span("other", {}, () => telemetry.span("event", { parent: stored }, async () => undefined));
  expect(stored).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(ended("event")?.spanContext().traceId).toBe(ended("webhook")?.spanContext().traceId);
  expect(ended("event")?.parentSpanContext?.spanId).toBe(ended("webhook")?.spanContext().spanId);
});

test.each([
  "",
  "00-zz",
  `00-${"0".repeat(32)}-${"0".repeat(16)}-01`,
  `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  "x".repeat(100_000),
])("what is no traceparent begins a trace of its own (case %#)", async (parent) => {
  await telemetry.span("event", { parent, links: [parent] }, async () => undefined);
  expect(ended("event")?.parentSpanContext).toBeUndefined();
  expect(ended("event")?.links).toEqual([]);
});

test("a batch of several deliveries is linked to each", async () => {
  const parents: string[] = [];
  for (const name of ["one", "two"]) await telemetry.span(name, {}, async () => void parents.push(telemetry.current() ?? ""));
  await telemetry.span("send batch", { kind: "client", links: parents }, async () => undefined);
  expect(ended("send batch")?.links.map(({ context }) => context.spanId)).toEqual(
    ["one", "two"].map((name) => ended(name)?.spanContext().spanId),
  );
});

test("what fails is marked with its code, without the words of a provider or a secret", async () => {
  const refused = new ConnectorsError({ code: "GITHUB_UNAUTHORIZED", message: "GitHub answered: Ann wrote something private" });
  await expect(telemetry.span("run", {}, () => Promise.reject(refused))).rejects.toBe(refused);
  expect(ended("run")?.status).toEqual({ code: SpanStatusCode.ERROR, message: "GITHUB_UNAUTHORIZED" });
  expect(ended("run")?.attributes).toEqual({ "error.type": "GITHUB_UNAUTHORIZED" });
  const { value } = { value: "a-long-secret-of-the-test" };
  void new Secret(value);
  await telemetry.span("other", {}, async (span) => span.fail(new TypeError(`no ${value}`)));
  expect(ended("other")?.status.message).toBe("TypeError");
});

test("log lines carry the trace that they belong to, and are sent with it", async () => {
  const lines: unknown[] = [];
  const write = (message: string, fields?: object) => void lines.push([message, fields]);
  const printed: Logger = { ...silentLogger, info: write, child: () => printed };
  const logger = telemetry.logger(printed).child({ source: "slack/team" });
  logger.info("before");
  await telemetry.span("run", {}, async () => logger.info("run done", { episodes: 3, error: { code: "X" }, gone: undefined }));
  const { traceId, spanId } = ended("run")?.spanContext() ?? {};
  expect(lines).toEqual([
    ["before", {}],
    ["run done", expect.objectContaining({ trace_id: traceId, span_id: spanId })],
  ]);
  const [before, done] = records.getFinishedLogRecords();
  expect(before?.spanContext).toBeUndefined();
  expect(done).toMatchObject({ body: "run done", severityText: "INFO", spanContext: { traceId, spanId } });
  expect(done?.attributes).toEqual({ source: "slack/team", episodes: 3, error: '{"code":"X"}' });
});

test("a field that no JSON can hold is named by its type, and the line is sent", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  telemetry.logger(silentLogger).error("stray", { circle });
  expect(records.getFinishedLogRecords()[0]).toMatchObject({ body: "stray", attributes: { circle: "object" } });
});

test("a level that is not printed is not sent", () => {
  const quiet = { ...silentLogger, isLevelEnabled: (level: string) => level !== "debug" } as Logger;
  telemetry.logger(quiet).debug("detail");
  expect(records.getFinishedLogRecords()).toEqual([]);
});

test("after it is closed, and in a program without an SDK, nothing is recorded", async () => {
  await telemetry.close();
  const without = openTelemetry();
  expect(await without.span("run", {}, async () => without.current())).toBeUndefined();
  expect(ended("run")).toBeUndefined();
});
