import { describe, expect, test } from "vitest";
import { failure, nothing, read, Source, unavailable } from "./parted-source.ts";

describe.each([
  { title: "refused credentials", error: () => failure("UNAUTHORIZED", false) },
  { title: "a rate limit", error: () => failure("RATE_LIMITED", true, { retryAtMs: 1 }) },
])("a part that always ends the run with $title", ({ error }) => {
  test.each([{ failing: ["2"] }, { failing: ["0"] }, { failing: ["4"] }])(
    "comes last from the second run on, so that every other part is read: $failing",
    async ({ failing }) => {
      const source = new Source(5);
      for (const id of failing) source.errors.set(id, error);
      const others = source.parts.map(({ id }) => id).filter((id) => !failing.includes(id));
      let { stored } = await read(source);
      for (let run = 2; run < 8; run += 1) {
        source.add();
        const result = await read(source, stored);
        ({ stored } = result);
        expect(result.error).toMatchObject({ failedParts: undefined });
        expect(source.asked.toSorted(), `run ${run}`).toEqual([...others, ...failing].toSorted());
        expect(source.asked.at(-1)).toBe(failing[0]);
      }

      expect(stored.states).toEqual(Object.fromEntries(others.map((id) => [id, 11])));
    },
  );

  test("comes behind parts that fail for now", async () => {
    const source = new Source(4);
    source.errors.set("1", error).set("2", unavailable);
    const first = await read(source);
    await read(source, first.stored);
    await read(source, first.stored);

    expect(source.asked).toEqual(["0", "3", "2", "1"]);
  });

  test("comes first when its turn is next and others came before it, but not twice", async () => {
    const source = new Source(3);
    source.errors.set("1", error);
    const { stored } = await read(source);
    const next = { ...stored, turn: "1" };
    await read(source, next);
    expect(source.asked).toEqual(["1"]);
    await read(source, next);
    expect(source.asked).toEqual(["2", "0", "1"]);
  });

  test("keeps its place in turns once it can be read", async () => {
    const source = new Source(4);
    source.errors.set("1", error);
    const first = await read(source);
    source.errors.clear();
    await read(source, first.stored);
    expect(source.asked).toEqual(["0", "2", "3", "1"]);
    await read(source, { ...first.stored, turn: "0" });
    expect(source.asked).toEqual(["0", "1", "2", "3"]);
  });
});

test("several parts that always end the run take few runs from the others", async () => {
  const source = new Source(8);
  const failing = ["1", "3", "4", "6"];
  for (const id of failing) source.errors.set(id, () => failure("RATE_LIMITED", true, { retryAtMs: 1 }));
  let stored = nothing;
  let wholeRuns = 0;
  const last = new Set<string>();
  for (let run = 0; run < 40; run += 1) {
    source.add();
    const result = await read(source, stored);
    ({ stored } = result);
    wholeRuns += result.subjects.length === 4 ? 1 : 0;
    if (run >= 32) last.add(source.asked.at(-1) ?? "");
  }

  expect(wholeRuns).toBeGreaterThanOrEqual(25);
  expect([...last].toSorted()).toEqual(failing);
});

test("a limit of the whole source that ends each run at another part keeps none waiting", async () => {
  const source = new Source(50);
  let left = 0;
  for (const { id } of source.parts) {
    source.errors.set(id, () => ((left -= 1) < 0 ? failure("RATE_LIMITED", true, { retryAtMs: 1 }) : undefined));
  }
  const lastRead = new Map<string, number>();
  let stored = nothing;
  let longestWait = 0;
  for (let run = 0; run < 200; run += 1) {
    left = 20;
    source.add();
    const result = await read(source, stored);
    ({ stored } = result);
    for (const subject of result.subjects) {
      longestWait = Math.max(longestWait, run - (lastRead.get(subject) ?? 0));
      lastRead.set(subject, run);
    }
  }

  expect(lastRead.size).toBe(50);
  // Each part costs two requests, so that five runs read all of them.
  expect(longestWait).toBeLessThanOrEqual(20);
});
