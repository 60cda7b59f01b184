import { expect, test } from "vitest";
import type { FakeRepository } from "../src/testing/fake-repository.ts";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 5, comments: 3, reviewComments: 0, releases: 0, reviewsPerPull: 0 };

test.each([
  { title: "an entry that names it", entry: {} },
  { title: "an organization", entry: { repo: undefined, org: "acme" } },
  { title: "a list", entry: { repo: undefined, repos: ["acme/widgets"] } },
])("a repository that was deleted and made again under its name is read whole, with other keys: $title", async ({ entry }) => {
  const { fake, clock, source, reopen } = await openSource({ ...shape, entry });
  const former = await read(source);
  const again = await openSource({ ...shape, issues: 0, comments: 0, id: 987_654 });
  clock.set(clock.now() + 86_400_000);
  // The new one has issues with the same numbers.
  replaceRepository(fake.repositories, again.fake.repository);
  again.clock.set(clock.now());
  for (let at = 0; at < 5; at += 1) again.fake.repository.addIssue({ title: `new ${at}` });
  clock.set(clock.now() + 600_000);

  const first = await read(source, former.cursor);
  const second = await read(await reopen(), first.cursor);

  const opened = first.episodes.filter(({ kind }) => kind.endsWith(".opened"));
  expect(new Set(opened.map(({ idempotency_key: key }) => key)).size).toBe(5);
  expect([...first.keys].filter((key) => former.keys.has(key))).toEqual([]);
  expect(second.episodes).toEqual([]);
  again.fake.repository.addIssue({ title: "later" });
  clock.set(clock.now() + 600_000);
  const third = await read(await reopen(), second.cursor);
  expect(third.episodes.map(({ title }) => title)).toEqual(["later"]);
});

function replaceRepository(repositories: FakeRepository[], by: FakeRepository): void {
  repositories.splice(0, 1, by);
}

test("a comment is one on an issue in a repository called pull, by pull as by push", async () => {
  const { source } = await openSource({
    ...shape,
    fullName: "acme/pull",
    issues: 3,
    comments: 12,
    entry: { include: ["comments"] },
  });
  const { episodes } = await read(source);

  // No number below 4 is a pull request.
  expect(new Set(episodes.map(({ kind }) => kind))).toEqual(new Set(["github.issue.comment"]));
});
