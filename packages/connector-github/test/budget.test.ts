import { expect, test } from "vitest";
import { openSource, read } from "./open-source.ts";

test("a first sync of 10,000 issues, 3,333 pull requests with reviews and 20,000 comments takes at most 420 requests, the run after it five, all 304", async () => {
  const { fake, clock, source } = await openSource({
    issues: 13_333,
    comments: 20_000,
    reviewComments: 1_000,
    releases: 100,
    reviewsPerPull: 3,
    reopenedEvery: 20,
  });
  let cursor: string | undefined;
  let reopened = 0;
  for await (const page of source.pages(undefined, new AbortController().signal)) {
    ({ cursor } = page);
    reopened += page.episodes.filter(({ kind }) => kind === "github.issue.reopened").length;
  }
  const first = fake.requestCount;
  clock.set(clock.now() + 600_000);
  fake.forget();
  const idle = await read(source, cursor);
  expect(first).toBeGreaterThan(380);
  expect(reopened).toBeGreaterThan(100);

  expect(first).toBeLessThanOrEqual(420);
  expect(idle.episodes).toEqual([]);
  expect(fake.log.map((line) => line.slice(-4))).toEqual([" 304", " 304", " 304", " 304", " 304"]);
}, 120_000);
