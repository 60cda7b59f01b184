import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { validateEpisode } from "../../../src/sinks/wire/validate-episode.ts";
import { makeEpisode } from "../../delivery/make-episode.ts";

describe("an episode", () => {
  it("is valid as the contract describes it", () => {
    expect(validateEpisode(makeEpisode(1))).toBeUndefined();
  });

  it("is not refused for what can be mended on the way", () => {
    const mendable = {
      subject: "any thing/at all@é",
      text: "x".repeat(100_000),
      title: 7 as never,
      metadata: "odd" as never,
      session: "",
    };
    expect(validateEpisode(makeEpisode(1, mendable))).toBeUndefined();
  });

  const source = { type: "t", id: "1" };
  it.each<[string, Partial<Record<keyof Episode, unknown>>, string]>([
    ["without subject", { subject: undefined }, "subject is missing"],
    ["with a blank subject", { subject: " \0" }, "subject is empty"],
    ["with a subject that is no string", { subject: 5 }, "subject is not a string"],
    ["without text", { text: "" }, "text is empty"],
    ["with NUL for text", { text: "\0\0" }, "text is empty"],
    ["with too long a kind", { kind: "k".repeat(129) }, "kind has 129 characters"],
    ["with an empty kind", { kind: "" }, "kind is empty"],
    ["without source", { source: undefined }, "source is missing"],
    ["with too long a source type", { source: { ...source, type: "t".repeat(257) } }, "source.type has 257 characters"],
    ["without source id", { source: { type: "t" } }, "source.id is missing"],
    ["without key", { idempotency_key: "" }, "idempotency_key is empty"],
    ["with too long a key", { idempotency_key: "k".repeat(513) }, "idempotency_key has 513 characters"],
    ["without time", { occurred_at: undefined }, "occurred_at is missing"],
    ["with a Date for time", { occurred_at: new Date() }, "occurred_at is not a string"],
    ["with a time without offset", { occurred_at: "2026-01-02T03:04:05" }, "occurred_at is not an ISO 8601 time"],
    ["with a date only", { occurred_at: "2026-01-02" }, "occurred_at is not an ISO 8601 time"],
    ["with an impossible time", { occurred_at: "2026-13-02T03:04:05Z" }, "occurred_at is not an ISO 8601 time"],
    ["in the year 0", { occurred_at: "0000-06-01T00:00:00Z" }, "occurred_at is not an ISO 8601 time"],
  ])("%s is refused with the reason", (_, changes, reason) => {
    expect(validateEpisode({ ...makeEpisode(1), ...changes } as Episode)).toContain(reason);
  });

  it.each([null, undefined, "text", 7])("that is %s is refused", (episode) => {
    expect(validateEpisode(episode as never)).toBe("the episode is not an object");
  });
});
