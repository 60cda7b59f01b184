import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { ConnectorsError, type Logger, Secret } from "@statewave-connectors/connector-sdk";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import pino from "pino";
import winston from "winston";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parseConfig } from "@statewave-connectors/config";
import { guardLogger } from "../../src/logging/injected-logger.ts";
import { createLogger, createRunner, fromPino, InMemoryPullCursorStore, type RunnerOptions } from "../../src/index.ts";

/** What a logger wrote, one object a line. */
function lines() {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const entries = () =>
    written.flatMap((text) => text.trim().split("\n")).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { stream, entries, text: () => written.join("") };
}

const toWinston = (stream: Writable) =>
  winston.createLogger({
    level: "debug",
    format: winston.format.json(),
    transports: [new winston.transports.Stream({ stream })],
  });

/** `console` with its lines as JSON. */
function consoleShaped(stream: Writable) {
  const write = (level: string) => (message: string, fields?: object) =>
    void stream.write(`${JSON.stringify({ level, message, ...fields })}\n`);
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

describe.each<[string, (stream: Writable) => Logger, string]>([
  ["pino, as it is", (stream) => guardLogger(pino({ level: "debug" }, stream)), "msg"],
  ["pino through fromPino", (stream) => fromPino(pino({ level: "debug" }, stream)), "msg"],
  ["winston", (stream) => guardLogger(toWinston(stream)), "message"],
  ["one shaped like console, without child", (stream) => guardLogger(consoleShaped(stream)), "message"],
])("%s", (_, open, messageKey) => {
  test("gets message and fields, those of its parents included", () => {
    const { stream, entries } = lines();
    open(stream)
      .child({ kind: "github" })
      .child({ name: "main" })
      .warn("slow", { tries: 2, list: [1, "a"] });
    expect(entries()).toMatchObject([{ [messageKey]: "slow", kind: "github", name: "main", tries: 2, list: [1, "a"] }]);
  });

  test("gets no secret, in whatever part it is, and an error as plain values", () => {
    rememberSecret("injected-secret");
    const { stream, entries, text } = lines();
    const cause = new Error("because of injected-secret");
    const error = new ConnectorsError({ code: "X_Y", message: "no", cause });
    const fields = { error, value: new Secret("s"), nested: { deep: ["injected-secret"] }, url: new URL("https://u:pw@h/") };
    open(stream).child({ inherited: "injected-secret" }).error("failed with injected-secret", fields);
    expect(text()).not.toMatch(/injected-secret|u:pw/);
    expect(entries()).toMatchObject([{ error: { code: "X_Y", cause: { message: "because of ***" } }, value: "***" }]);
  });
});

test("a logger that drops debug lines is not made to render them", () => {
  const { stream, text } = lines();
  const logger = guardLogger(pino({ level: "info" }, stream));
  let reads = 0;
  const fields = {
    get costly() {
      reads += 1;
      return "value";
    },
  };
  logger.debug("dropped", fields);
  expect([text(), reads]).toEqual(["", 0]);
  logger.info("written", fields);
  expect(reads).toBeGreaterThan(0);
});

test("a logger that throws does not reach the caller, and our own is not wrapped again", () => {
  const throwing = () => {
    throw new Error("disk full");
  };
  const logger = guardLogger({ debug: throwing, info: throwing, warn: throwing, error: throwing });
  expect(() => logger.error("x")).not.toThrow();
  const own = createLogger({ format: "json" });
  expect(guardLogger(own)).toBe(own);
});

test("a logger that writes later and fails leaves no rejection behind", async () => {
  const unhandled = unhandledRejections();
  const failing = () => Promise.reject(new Error("disk full"));
  guardLogger({ debug: failing, info: failing, warn: failing, error: failing }).error("x");
  expect(await unhandled()).toEqual([]);
});

/** What was rejected without a handler since the call. */
function unhandledRejections() {
  const seen: unknown[] = [];
  const see = (reason: unknown) => seen.push(reason);
  process.on("unhandledRejection", see);
  onTestFinished(() => void process.off("unhandledRejection", see));
  return async () => {
    await setImmediate();
    return seen;
  };
}

async function started(options: Partial<RunnerOptions>) {
  const { stream, entries, text } = lines();
  const config = { statewave: { url: "stdout:" }, runner: { port: 0, host: "127.0.0.1", admin: { listen: "127.0.0.1:0" } } };
  const runner = await createRunner({ ...(await parseConfig(config)), logger: pino(stream), ...options });
  onTestFinished(() => runner.stop());
  await runner.start();
  const ready = async () => (await fetch(`${runner.describe().adminUrl}/readyz`)).text();
  return { runner, entries, text, ready };
}

test("createRunner({ logger: pino() }) loses no field", async () => {
  const { entries } = await started({});
  expect(entries()).toContainEqual(expect.objectContaining({ msg: "listening", pulls: 0, pushes: 0, sink: expect.any(String) }));
});

test("/readyz shows no word of what an injected store threw, and the log has it", async () => {
  const cursorStore = new InMemoryPullCursorStore();
  const { ready, text } = await started({ cursorStore });
  cursorStore.get = () => Promise.reject(new ConnectorsError({ code: "MY_STORE", message: "internal words" }));
  await vi.waitFor(async () => expect(await ready()).toContain("the cursor store failed; the log has the error"), 20_000);
  expect(await ready()).not.toContain("internal words");
  expect(text()).toContain("internal words");
});
