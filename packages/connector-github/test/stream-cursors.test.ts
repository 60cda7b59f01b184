import { expect, test } from "vitest";
import type { GithubPullConfig } from "../src/pull-options.ts";
import { seedCursor, streams } from "../src/pull/stream-cursors.ts";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 120, comments: 10, reviewComments: 5, releases: 2 };
const since = "2024-01-01";
// What is enabled of the streams is all that a reset needs of the options.
const reset = (cursor: string, stream: string) => streams.declared.resetStream({} as GithubPullConfig, cursor, stream);

test.each([
  { title: "one repository from since_default", entry: { since_default: since }, seed: undefined },
  { title: "one repository from its start point", entry: {}, seed: since },
  {
    title: "several repositories from since_default",
    entry: { repo: undefined, org: "acme", since_default: since },
    seed: undefined,
  },
  { title: "several repositories from their start point", entry: { repo: undefined, org: "acme" }, seed: since },
])("a stream that is reset is read again from where the entry began, no further back: $title", async ({ entry, seed }) => {
  const { source } = await openSource({ ...shape, entry });
  const first = await read(source, seed === undefined ? undefined : seedCursor(seed));

  const again = await read(source, reset(first.cursor!, "issues"));

  const keys = first.episodes.filter(({ kind }) => kind === "github.issue.opened").map((episode) => episode.idempotency_key);
  expect(keys.length).toBeGreaterThan(5);
  expect(
    new Set(again.episodes.filter(({ kind }) => kind === "github.issue.opened").map((episode) => episode.idempotency_key)),
  ).toEqual(new Set(keys));
  expect((await read(source, again.cursor)).episodes).toEqual([]);
});
