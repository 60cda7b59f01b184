import { expect, test } from "vitest";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 0, comments: 0, reviewComments: 0, entry: { include: ["releases"] } };

test("reads every page, and yields what is not known", async () => {
  const { fake, source } = await openSource({ ...shape, releases: 450 });
  const first = await read(source);
  for (let at = 0; at < 120; at += 1) fake.repository.addRelease();
  fake.forget();
  const second = await read(source, first.cursor);

  expect(first.episodes.length).toBe(450);
  expect(second.episodes.length).toBe(120);
  expect(fake.requestCount).toBe(6);
});

test("remembers the newest thousand ids and no more", async () => {
  const { fake, source } = await openSource({ ...shape, releases: 2_500 });
  const first = await read(source);
  fake.repository.addRelease();
  const second = await read(source, first.cursor);

  expect(first.keys.size).toBe(2_500);
  expect(second.episodes.length).toBe(1);
  expect(first.cursor!.length).toBeLessThan(10_000);
});

test("yields a draft when it is published, and not before", async () => {
  const { fake, source } = await openSource({ ...shape, releases: 3 });
  const draft = fake.repository.addRelease({ draft: true, published_at: null, name: "soon" });
  const first = await read(source);
  fake.repository.editRelease(draft, { draft: false, published_at: "2026-01-01T00:00:00Z" });
  const second = await read(source, first.cursor);

  expect(first.episodes.length).toBe(3);
  expect(second.episodes.map((episode) => episode.title)).toEqual(["soon"]);
});

test("a page of drafts does not hide what lies behind it", async () => {
  const { fake, source } = await openSource({ ...shape, releases: 30 });
  for (let at = 0; at < 100; at += 1) fake.repository.addRelease({ draft: true, published_at: null });

  const { episodes } = await read(source);

  expect(episodes.length).toBe(30);
});

test.each([{ place: 101 }, { place: 340 }])(
  "a release that is published late is read, although $place known ones stand before it",
  async ({ place }) => {
    const { fake, clock, source, reopen } = await openSource({ ...shape, releases: 10 });
    const draft = fake.repository.addRelease({ draft: true, published_at: null, name: "late" });
    for (let at = 0; at < place; at += 1) fake.repository.addRelease();
    const first = await read(source);
    clock.set(clock.now() + 3_600_000);
    const published = new Date(clock.now()).toISOString();
    fake.repository.editRelease(draft, { draft: false, published_at: published });
    const second = await read(await reopen(), first.cursor);
    const third = await read(await reopen(), second.cursor);

    expect(second.episodes.map((episode) => episode.title)).toEqual(["late"]);
    expect(third.episodes).toEqual([]);
  },
);
