import { afterEach, describe, expect, it } from "vitest";
import { type FakeStatewave, startFakeStatewave } from "../../src/fake-statewave/index.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A fake whose transactions take a moment, so that requests sent together are under way together. */
async function slow(): Promise<FakeStatewave> {
  const fake = await startFakeStatewave({ faults: [{ type: "latency", latencyMs: 200 }] });
  closers.push(() => fake.close());
  return fake;
}

async function post(fake: FakeStatewave, keys: readonly string[], subject = "repo:acme.widgets"): Promise<number> {
  const episodes = keys.map((key) => ({
    subject_id: subject,
    source: "github.issue",
    type: "github.issue.opened",
    payload: { text: key },
    idempotency_key: key,
  }));
  const response = await fetch(`${fake.url}/v1/episodes/batch`, { method: "POST", body: JSON.stringify({ episodes }) });
  await response.arrayBuffer();
  return response.status;
}

describe("two batches under way", () => {
  it.each([
    ["reversed", ["a", "b", "c"], ["c", "b", "a"]],
    ["rotated", ["a", "b", "c"], ["b", "c", "a"]],
    ["crossed in two keys of many", ["a", "x", "b"], ["b", "y", "a"]],
  ])("deadlock when they share keys that are %s: one is answered 500", async (_, first, second) => {
    const fake = await slow();
    const statuses = await Promise.all([post(fake, first), post(fake, second)]);
    expect(statuses.toSorted((left, right) => left - right)).toEqual([201, 500]);
    const winner = statuses[0] === 201 ? first : second;
    expect(fake.episodes.map(({ idempotency_key: key }) => key)).toEqual(winner);
  });

  it("are both stored when they share keys in one order, a single key, or none", async () => {
    const fake = await slow();
    const statuses = await Promise.all([
      post(fake, ["a", "b", "c"]),
      post(fake, ["a", "c", "d"]),
      post(fake, ["d", "z"]),
      post(fake, ["c", "b", "a"], "repo:acme.other"),
    ]);
    expect(statuses).toEqual([201, 201, 201, 201]);
    expect(fake.stats().duplicates).toBe(3);
  });

  it("lock nothing that is stored already", async () => {
    const fake = await slow();
    await post(fake, ["a", "b"]);
    expect(await Promise.all([post(fake, ["a", "b"]), post(fake, ["b", "a"])])).toEqual([201, 201]);
  });
});
