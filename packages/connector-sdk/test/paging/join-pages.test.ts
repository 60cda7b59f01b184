import { expect, test } from "vitest";
import type { Episode } from "../../src/contract/episode.ts";
import { joinPages } from "../../src/paging/index.ts";

const episode = (id: string): Episode => ({
  subject: "a:b",
  kind: "feed.entry.published",
  text: id,
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "feed.entry", id },
  idempotency_key: "0".repeat(32),
});

test("joined pages keep every episode and failure in order, and add up what was skipped", () => {
  const failure = { id: "7", error: new Error("broken") };
  const joined = joinPages([
    { episodes: [episode("1")], skipped: { gone: 1, too_short: 2 } },
    { episodes: [episode("2"), episode("3")], failures: [failure], skipped: { gone: 3, odd: 0 } },
    { episodes: [], failures: [] },
  ]);
  expect(joined.episodes.map(({ text }) => text)).toEqual(["1", "2", "3"]);
  expect(joined).toMatchObject({ failures: [failure], skipped: { gone: 4, too_short: 2 } });
  expect(Object.keys(joined.skipped ?? {})).toEqual(["gone", "too_short"]);
});

test("joined pages without a failure or a count have no such field", () => {
  expect(joinPages([{ episodes: [], failures: [], skipped: { gone: 0 } }])).toEqual({ episodes: [] });
  expect(joinPages([])).toEqual({ episodes: [] });
});
