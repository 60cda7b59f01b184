import { expect, test } from "vitest";
import { chosenStreams, entryStreams, type StreamChoice } from "../../src/options/index.ts";

type Name = "tickets" | "articles" | "users";
const streams = entryStreams({
  kind: "acme-desk",
  of: (config: StreamChoice<Name>) => chosenStreams<Name>(["tickets", "articles", "users"], config),
  reset: (stored, stream, { exclude = [] }) => `${stored} without ${stream}, excluded: ${exclude.join()}`,
});
const config = { exclude: ["users"] } as const;

test("declares what an entry reads", () => {
  expect(streams.declared.streams(config)).toEqual(["tickets", "articles"]);
  expect([...streams.of(config)]).toEqual(["tickets", "articles"]);
  expect([...streams.of(config, "articles")]).toEqual(["articles"]);
});

test("resets a stream that the entry has", () => {
  expect(streams.declared.resetStream(config, "cursor", "tickets")).toBe("cursor without tickets, excluded: users");
});

test.each(["users", "no such", "toString", "\ud800".repeat(50)])("refuses a stream that the entry does not have: %j", (name) => {
  const refusal = expect.objectContaining({
    code: "ACME_DESK_STREAM_UNKNOWN",
    message: `the entry has no stream ${JSON.stringify(name.slice(0, 40).toWellFormed())}`,
    hint: "name one of tickets, articles",
  });

  expect(() => streams.of(config, name)).toThrow(refusal);
  expect(() => streams.declared.resetStream(config, "cursor", name)).toThrow(refusal);
});
