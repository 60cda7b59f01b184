import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigInput, parseConfig, type ParseConfigOptions } from "@statewave-connectors/config";
import { defineConnector, type Logger, refuse } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRunner, type FailureContext, type Runner, type RunnerOptions } from "../src/index.ts";

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

/** Signed when `x-signature` says so; a body of "unmappable" makes its mapping fail. */
const notes = defineConnector({
  kind: "notes",
  version: "1.0.0",
  pull: {
    config: accepting,
    open: () => ({
      async *pages() {
        yield { episodes: [] };
      },
    }),
  },
  push: {
    config: accepting,
    open: () => ({
      receive: ({ headers }) => (headers["x-signature"] === "right" ? { type: "event" } : refuse(401, "invalid_signature")),
      async *pages({ body }) {
        const text = Buffer.from(body).toString();
        if (text === "unmappable") throw new Error("cannot be mapped");
        yield {
          episodes: [
            {
              subject: "notes",
              kind: "note.written",
              text,
              occurred_at: "2026-01-01T00:00:00Z",
              source: { type: "notes", id: text },
              metadata: {},
              idempotency_key: `notes:${text}`,
            },
          ],
        };
      },
    }),
  },
});

const post = (body: string, headers: Record<string, string> = { "x-signature": "right" }) =>
  new Request("https://mine.example/notes/team/events", { method: "POST", body, headers });
const get = (path: string) => new Request(`https://mine.example${path}`);

async function open(overrides: Partial<RunnerOptions> = {}, runner: ConfigInput["runner"] = {}, statewave?: FakeStatewave) {
  const source: ConfigInput = {
    statewave: { url: statewave?.url ?? "stdout:" },
    runner: { port: 0, ...runner },
    push: { notes: [{ name: "team" }] },
  };
  const options: ParseConfigOptions = { connectors: [notes], baseDir: temporaryFolder() };
  const opened = await createRunner({
    ...(await parseConfig(source, options)),
    logger: silentLogger,
    listen: false,
    ...overrides,
  });
  onTestFinished(() => opened.stop());
  return opened;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "embedding-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function fakeStatewave(): Promise<FakeStatewave> {
  const statewave = await startFakeStatewave();
  onTestFinished(() => statewave.close());
  return statewave;
}

const statuses = async (runner: Runner, ...requests: readonly Request[]) =>
  Promise.all(requests.map(async (request) => (await runner.fetch(request)).status));

describe("without a port", () => {
  test("a webhook that was handed over reaches Statewave", async () => {
    const statewave = await fakeStatewave();
    const runner = await open({}, {}, statewave);
    await runner.start();
    expect(await statuses(runner, post("hello"), post("forged", {}))).toEqual([200, 401]);
    await vi.waitFor(() => expect(statewave.episodes.map(({ payload }) => payload)).toMatchObject([{ text: "hello" }]), {
      timeout: 120_000,
    });
  });

  test("metrics are for operators where these have an address of their own, unless the webhook port is to serve them", async () => {
    const admin = { listen: "127.0.0.1:0" };
    for (const [settings, status] of [
      [{ admin }, 404],
      [{ admin, metrics: { on_webhook_port: true } }, 200],
      [{}, 200],
    ] as const) {
      const runner = await open({}, settings);
      await runner.start();
      expect(await statuses(runner, get("/metrics"))).toEqual([status]);
    }
  });

  test("no port is opened, so that a taken one does not matter, and describe() names no address", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const runner = await open({}, { host: "127.0.0.1", port });
    await runner.start();
    expect(runner.describe()).not.toHaveProperty("url");
    expect(runner.describe().pushes).toMatchObject([{ name: "team", capabilities: [] }]);
    expect(await statuses(runner, get("/readyz"))).toEqual([200]);
  });

  test("before the start and after the stop only the process is healthy", async () => {
    const runner = await open();
    const requests = () => [get("/healthz"), get("/readyz"), post("x"), get("/metrics"), get("/nowhere")];
    const idle = [200, 503, 503, 503, 503];
    expect(await statuses(runner, ...requests())).toEqual(idle);
    const { headers } = await runner.fetch(post("x"));
    expect(headers.get("retry-after")).toBe("5");
    await runner.start();
    expect(await statuses(runner, ...requests())).toEqual([200, 200, 200, 200, 404]);
    await runner.stop();
    expect(await statuses(runner, ...requests())).toEqual(idle);
  });

  test("a stopped runner can be started again", async () => {
    const runner = await open();
    await runner.start();
    await runner.stop();
    await runner.start();
    expect(await statuses(runner, post("again"))).toEqual([200]);
  });

  test("a mount's path is taken off, whether the framework has done so or not", async () => {
    const runner = await open({ basePath: "/in/connectors" });
    const requests = () => [get("/in/connectors/healthz"), get("/healthz"), get("/in/connectors"), get("/in/connectorshealthz")];
    expect(await statuses(runner, ...requests())).toEqual([200, 200, 503, 503]);
    await runner.start();
    expect(await statuses(runner, ...requests())).toEqual([200, 200, 404, 404]);
  });

  test("fetch needs no `this`", async () => {
    const { fetch: handle, start } = await open().then((runner) => ({ fetch: runner.fetch, start: () => runner.start() }));
    await start();
    expect((await handle(get("/readyz"))).status).toBe(200);
  });

  test.each([
    ["nothing", undefined],
    ["a URL", "https://mine.example/readyz"],
    ["a framework's wrapper", { url: "https://mine.example/", raw: get("/") }],
  ])("%s instead of a Request is refused with the way out", async (_what, request) => {
    const runner = await open();
    await expect(runner.fetch(request as unknown as Request)).rejects.toMatchObject({
      code: "RUNNER_NOT_A_REQUEST",
      hint: expect.stringContaining("c.req.raw"),
    });
  });
});

test("with a port, fetch answers beside it", async () => {
  const runner = await open({ listen: true }, { host: "127.0.0.1" });
  await runner.start();
  const overPort = await fetch(`${runner.describe().url}/readyz`);
  expect([overPort.status, ...(await statuses(runner, get("/readyz")))]).toEqual([200, 200]);
});

describe("onError", () => {
  function recorder() {
    const failures: [string, FailureContext][] = [];
    const onError = (error: unknown, context: FailureContext) => failures.push([(error as Error).message, context]);
    return { failures, onError };
  }
  const team = { kind: "notes", name: "team" };

  test("is called for an event that cannot be mapped", async () => {
    const { failures, onError } = recorder();
    const runner = await open({ onError });
    await runner.start();
    await runner.fetch(post("unmappable"));
    await vi.waitFor(() => expect(failures).toEqual([["cannot be mapped", { during: "event", source: team }]]), {
      timeout: 120_000,
    });
  });

  test("is called for a body that was read before, which the answer does not show", async () => {
    const { failures, onError } = recorder();
    const runner = await open({ onError });
    await runner.start();
    const request = post("x");
    await request.text();
    const answer = await runner.fetch(request);
    expect([answer.status, await answer.json()]).toEqual([500, { error: "internal_error" }]);
    expect(failures).toEqual([[expect.stringContaining("was read before"), { during: "webhook", source: team }]]);
  });

  test("is called for a run that failed", async () => {
    const { failures, onError } = recorder();
    const broken = defineConnector({
      kind: "broken",
      version: "1.0.0",
      pull: {
        config: accepting,
        open: () => ({
          pages: () => {
            throw new Error("the source is broken");
          },
        }),
      },
    });
    const source: ConfigInput = { statewave: { url: "stdout:" }, pull: { broken: [{ name: "one", schedule: "every 1s" }] } };
    const settings = await parseConfig(source, { connectors: [broken], baseDir: temporaryFolder() });
    const runner = await createRunner({ ...settings, logger: silentLogger, listen: false, onError });
    onTestFinished(() => runner.stop());
    await runner.start();
    const failure = ["the source is broken", { during: "pull", source: { kind: "broken", name: "one" } }];
    await vi.waitFor(() => expect(failures[0]).toEqual(failure), { timeout: 30_000 });
  });

  test("that throws is logged, and the request is answered all the same", async () => {
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (message) => errors.push(message), child: () => logger };
    const onError = () => {
      throw new Error("from the hook");
    };
    const runner = await open({ onError, logger });
    await runner.start();
    const request = post("x");
    await request.text();
    expect((await runner.fetch(request)).status).toBe(500);
    expect(errors).toContain("onError threw");
  });
});

const parsed = await parseConfig({ statewave: { url: "stdout:" } });

describe("options of the wrong shape", () => {
  test.each([
    [undefined, "called with undefined instead of options"],
    [{}, "needs a config, got undefined"],
    [{ config: "./statewave-connectors.toml" }, "needs a config, got a string"],
    [{ config: { statewave: { url: "stdout:" } } }, "has not been checked"],
    [{ config: parsed }, "config is the whole of what loadConfig() resolves with"],
    [{ config: Promise.resolve(parsed.config) }, "config is a promise"],
    [{ ...parsed, cursorStore: () => undefined }, "cursorStore is a function"],
    [{ ...parsed, inbox: {} }, "inbox has no method accept"],
    [{ ...parsed, logger: console.log }, "logger is a function"],
    [{ ...parsed, ingest: "https://x" }, "ingest is a string"],
    [{ ...parsed, basePath: "connectors" }, 'basePath is "connectors"'],
    [{ ...parsed, basePath: "/connectors/" }, 'basePath is "/connectors/"'],
    [{ ...parsed, onError: true }, "onError is a boolean"],
    [{ ...parsed, onEvent: {} }, "onEvent is an object"],
    [{ ...parsed, listn: false }, "there is no option listn"],
    [{ ...parsed, listen: 0 }, "listen is a number"],
  ])("%# are refused with the call that is right", async (options, message) => {
    await expect(createRunner(options as RunnerOptions)).rejects.toMatchObject({
      code: "RUNNER_OPTIONS_INVALID",
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/\w/),
    });
  });

  test("objects that are no connectors are refused before anything is opened", async () => {
    await expect(createRunner({ ...parsed, connectors: [{}] } as unknown as RunnerOptions)).rejects.toMatchObject({
      code: "CONFIG_ADAPTER_INVALID",
    });
  });
});
