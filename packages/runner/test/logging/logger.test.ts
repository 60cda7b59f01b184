import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, test } from "vitest";
import { createLogger, type LoggerOptions, type LogStream } from "../../src/logging/logger.ts";

function record(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const stream: LogStream = { write: (line) => lines.push(line) };
  const logger = createLogger({ format: "json", clock: new FakeClock(), stream, ...options });
  return { logger, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("json", () => {
  test("an entry is one line with time, level, msg and the fields", () => {
    const { logger, lines } = record();
    logger.info("run done", { kind: "github", episodes: 3, late: false, none: null, absent: undefined });
    expect(lines).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"run done","kind":"github","episodes":3,"late":false,"none":null}\n',
    ]);
  });

  test("fields cannot stand in for time, level or msg", () => {
    const { logger, entries } = record();
    logger.warn("real", { level: "debug", msg: "forged", time: 0 });
    expect(entries()).toEqual([
      { time: "2026-01-01T00:00:00.000Z", level: "warn", msg: "real", level_: "debug", msg_: "forged", time_: 0 },
    ]);
  });

  test("a child's fields are on every line, its own last", () => {
    const { logger, entries } = record();
    logger.child({ kind: "slack", name: "a" }).child({ name: "b" }).error("failed", { attempt: 1 });
    expect(entries()).toMatchObject([{ level: "error", kind: "slack", name: "b", attempt: 1 }]);
  });
});

describe("text", () => {
  test("an entry is one line that a person can read", () => {
    const { logger, lines } = record({ format: "text" });
    logger.info("listening");
    logger.warn("slow", { kind: "github", detail: "two words", tries: 2, list: [1, "a"], absent: undefined });
    expect(lines).toEqual([
      "2026-01-01T00:00:00.000Z INFO  listening\n",
      '2026-01-01T00:00:00.000Z WARN  slow  kind=github detail="two words" tries=2 list=[1,"a"]\n',
    ]);
  });
});

test("lines below the level are not written", () => {
  const { logger, entries } = record({ level: "warn" });
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
  expect(entries().map(({ msg }) => msg)).toEqual(["warn", "error"]);
  const chatty = record({ level: "debug" });
  chatty.logger.debug("detail");
  expect(chatty.lines).toHaveLength(1);
});

describe.each(["json", "text"] as const)("as %s", (format) => {
  test.each([
    ["a newline", "\n"],
    ["a carriage return", "\r"],
    ["a terminal escape", "\u001b[2K"],
    ["a C1 escape", "\u009b2K"],
    ["a NUL", "\0"],
    ["a line separator", "\u2028"],
    ["a paragraph separator", "\u2029"],
    ["a direction override", "\u202e"],
    ["a lone surrogate", "\ud800"],
  ])("%s in a message, a name or a value cannot forge a line", (_title, hostile) => {
    const { logger, lines } = record({ format });
    logger.info(`a${hostile}b`, {
      [`c${hostile}d`]: `e${hostile}f`,
      nested: { list: [`g${hostile}h`] },
      error: new Error(`i${hostile}j`),
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).not.toContain(hostile);
    expect(lines[0]).toMatch(/^[^\p{Control}\p{Surrogate}\u2028\u2029]+\n$/u);
  });

  test("a secret is masked wherever it turns up, whole and in full", () => {
    const secrets = ["hunter2-abc", "hunter2-abc-tail", "p?q=r s/t", 'quo"ted\\x', "12345678", "short"];
    const { logger, lines } = record({ format, secrets });
    logger.child({ inherited: "hunter2-abc" }).error("told hunter2-abc-tail", {
      "hunter2-abc": "as a name",
      value: "xhunter2-abc-tailx p?q=r s/t p%3Fq%3Dr%20s%2Ft",
      json: JSON.stringify({ secret: 'quo"ted\\x' }),
      digits: 12345678,
      large: 12345678n,
      url: new URL("https://user:pass@example.com/?k=hunter2-abc"),
      error: new Error("hunter2-abc", {
        cause: new ConnectorsError({ code: "X_Y", message: "m hunter2-abc", hint: "h hunter2-abc" }),
      }),
      long: `${"x".repeat(1_990)}hunter2-abc-tail`,
    });
    for (const secret of ["hunter2", "tail", "p?q", "p%3Fq", "quo", "12345678", "pass@"]) expect(lines[0]).not.toContain(secret);
    expect(lines[0]).toContain("https://***@example.com/?k=***");
  });

  test("a short secret is passed over: it would blot out ordinary words", () => {
    const { logger, lines } = record({ format, secrets: ["a", "", "entry"] });
    logger.info("an entry");
    expect(lines[0]).toContain("an entry");
  });

  test("a URL shows no user info, wherever it comes from", () => {
    const { logger, lines } = record({ format });
    logger.info("cannot reach postgres://app:s3cr@t@db:5432/x and redis://:pw@r/0, see https://example.com/@scope");
    expect(lines[0]).toContain("postgres://***@db:5432/x and redis://***@r/0, see https://example.com/@scope");
  });
});

describe("errors", () => {
  test("one of ours shows code, message, hint and cause", () => {
    const { logger, entries } = record();
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    logger.error("failed", { error: new ConnectorsError({ code: "SINK_X", message: "m", hint: "h", cause }) });
    expect(entries()[0]?.["error"]).toEqual({
      code: "SINK_X",
      message: "m",
      hint: "h",
      cause: { name: "Error", code: "ECONNREFUSED", message: "connect ECONNREFUSED" },
    });
  });

  test("any other shows its name and where it was thrown", () => {
    const { logger, entries } = record();
    logger.error("failed", { error: new TypeError("x is undefined") });
    expect(entries()[0]?.["error"]).toMatchObject({
      name: "TypeError",
      message: "x is undefined",
      at: expect.stringContaining("logger.test.ts"),
    });
  });

  test("an aggregate shows the first of its errors", () => {
    const { logger, entries } = record();
    logger.error("failed", { error: new AggregateError([new Error("a"), new Error("b")], "") });
    expect(entries()[0]?.["error"]).toMatchObject({ errors: [{ message: "a" }, { message: "b" }] });
  });

  test("a chain of causes is bounded, also when it is a ring", () => {
    const { logger, lines } = record();
    const ring = new Error("ring");
    ring.cause = ring;
    logger.error("failed", { error: ring });
    expect(lines[0]?.match(/"message":"ring"/g)).toHaveLength(6);
  });

  test("what is thrown without being an error is shown as it is", () => {
    const { logger, entries } = record();
    for (const error of ["text", undefined, null, 7, { code: 1 }]) logger.error("failed", { error });
    expect(entries().map(({ error }) => error)).toEqual(["text", undefined, null, 7, { code: 1 }]);
  });
});

describe("hostile values", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, { a: [1, 2, 3] }]));
  const bush = (depth: number): unknown => (depth === 0 ? "leaf" : Array.from({ length: 8 }, () => bush(depth - 1)));
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const values: [string, unknown][] = [
    ["a circular object", circular],
    ["a BigInt", 10n ** 30n],
    ["NaN", Number.NaN],
    ["a symbol", Symbol("s")],
    ["a function", () => undefined],
    ["a throwing getter", Object.defineProperty({}, "x", { enumerable: true, get: () => neverRead() })],
    ["a throwing toJSON", { toJSON: () => neverRead() }],
    ["an error with throwing parts", Object.defineProperty(new Error("e"), "cause", { get: () => neverRead() })],
    ["a revoked proxy", revoked.proxy],
    ["an invalid date", new Date(Number.NaN)],
    ["an object without prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["a text of 10 MB", "x".repeat(10_000_000)],
    ["a name of 10 MB", { ["x".repeat(10_000_000)]: 1 }],
    ["a wide object", wide],
    ["a bush", bush(6)],
    ["a tree of errors", errorTree(6)],
    ["bytes", new Uint8Array(1_000_000)],
    ["__proto__ as a name", JSON.parse('{"__proto__":{"level":"forged"}}')],
  ];

  test.each(values)("%s is written as one bounded line", (_title, value) => {
    const { logger, entries, lines } = record();
    logger.info("m", { value });
    logger.info("m", value as Record<string, unknown>);
    logger.child(value as Record<string, unknown>).info("m");
    expect(entries()).toMatchObject(Array.from({ length: 3 }, () => ({ level: "info", msg: "m" })));
    for (const line of lines) expect(line.length).toBeLessThan(50_000);
  });

  test.each(values)("%s is written as one bounded line of text", (_title, value) => {
    const { logger, lines } = record({ format: "text" });
    logger.info(value as string, { value });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(50_000);
  });

  const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
  test(`text at random never breaks a line nor lets a secret through (TEST_SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const secret = "s3cr3t-v4lu3";
    const { logger, lines } = record({ secrets: [secret] });
    const alphabet = ["\n", "\r", '"', "\\", "\u2028", "\ud800", "\u001b", "://", "@", "a", " ", secret, "é", "\0"];
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 30 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
      logger.info(text, { [text]: text });
    }
    expect(lines).toHaveLength(500);
    for (const line of lines) {
      expect(line).not.toContain(secret);
      expect(JSON.parse(line)).toMatchObject({ level: "info" });
    }
  });
});

describe("the stream", () => {
  test("lines that a reader is too slow for are dropped, counted, and reported when it has caught up", () => {
    const lines: string[] = [];
    const stream = { writableLength: 0, write: (line: string) => lines.push(line) };
    const { logger } = record({ stream });
    logger.info("before");
    stream.writableLength = 1024 * 1024;
    for (let count = 0; count < 1_000; count++) logger.info("lost");
    stream.writableLength = 0;
    logger.info("after");
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map(({ msg, lines: count }) => [msg, count])).toEqual([
      ["before", undefined],
      ["log lines dropped", 1_000],
      ["after", undefined],
    ]);
  });

  test("a reader that is gone is no error, and many loggers on one stream listen once", async () => {
    const { PassThrough } = await import("node:stream");
    const stream = new PassThrough();
    const loggers = Array.from({ length: 20 }, () => createLogger({ format: "json", stream }));
    expect(stream.listenerCount("error")).toBe(1);
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await closed;
    for (const logger of loggers) logger.error("a line without a reader");
  });
});

function neverRead(): never {
  throw new Error("read");
}

function errorTree(depth: number): Error {
  return depth === 0
    ? new Error("leaf")
    : new AggregateError(
        Array.from({ length: 5 }, () => errorTree(depth - 1)),
        "branch",
      );
}
