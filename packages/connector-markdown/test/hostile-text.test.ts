import { expect, test } from "vitest";
import { toEpisodes } from "../src/to-episode.ts";

const filled = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

function mapped(unit: string, length: number) {
  const bytes = Buffer.from(filled(unit, length));
  const base = { sourceName: "handbook", path: "a.md", bytes, hash: "h", modifiedMs: 0, nowMs: 0, repetition: undefined };
  return toEpisodes({ ...base, sections: { identity: "a.md", revision: 0 } }, { hasCandidates: true }).episodes;
}

test.each([
  "# a\nb\n",
  "# a\n\n## b\n\nc\n\n",
  "<h1>\n",
  "<h1><b>",
  "title:: x\n",
  "[[a]] ",
  "![a](b) ",
  "1. a\n",
  "a\n===\n",
  "| a | b |\n",
  "```\n",
  "[image: ",
  "{".repeat(50),
  "💥",
])("a document of very many %j is split in one pass", (unit) => {
  // A square of this length would outlast every test.
  const episodes = mapped(unit, 512 * 1024);
  expect(new Set(episodes.map((episode) => episode.idempotency_key)).size).toBe(episodes.length);
  for (const { text, candidates = [] } of episodes) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
    expect(candidates.length).toBeLessThanOrEqual(50);
  }
});
