import { expect, test } from "vitest";
import * as v from "valibot";
import type { Episode } from "../../src/contract/episode.ts";
import { memories, withMemories } from "../../src/memory/memories.ts";
import { sharedMemory } from "../../src/memory/shared-memory.ts";

const episode: Episode = {
  subject: "team:T1",
  kind: "slack.message.posted",
  text: "Ann in #general: ok",
  occurred_at: "2025-01-01T00:00:00Z",
  source: { type: "slack.message", id: "C1:1" },
  idempotency_key: "k",
  candidates: sharedMemory("Slack small talk"),
};

test('"lean" keeps the candidates of an episode and "each" leaves the episode without', () => {
  const { candidates: _, ...plain } = episode;
  expect(withMemories([episode], "lean")).toEqual([episode]);
  expect(withMemories([episode], "each")).toEqual([plain]);
});

test('the option is "lean" unless it is set, and refuses any other word', () => {
  const option = memories({ shared: "chatter shares one memory" });
  expect(v.parse(option, undefined)).toBe("lean");
  expect(v.parse(option, "each")).toBe("each");
  expect(() => v.parse(option, "none")).toThrow('must be "lean" or "each"');
});
