import { expect, test } from "vitest";
import { seededRandom } from "../seeded-random.ts";
import { failure, forbidden, hourMs, nothing, read, Source, unavailable } from "./parted-source.ts";

test("reads every part to its end, each with a state of its own", async () => {
  const source = new Source(4);
  const first = await read(source);
  source.items.set("2", 7);
  const second = await read(source, first.stored);

  expect(first.error).toBeUndefined();
  expect(first.stored.states).toEqual({ 0: 5, 1: 5, 2: 5, 3: 5 });
  expect(second.keys).toEqual(["2:5", "2:6"]);
  expect(second.pages.filter(({ isLast }) => isLast)).toHaveLength(1);
});

test("a large part lets other parts have their turn", async () => {
  const source = new Source(3, { pagesPerTurn: 4 });
  source.items.set("0", 200);
  const { pages, keys } = await read(source);
  const turns = pages.flatMap(({ episodes }) => episodes.slice(0, 1).map(({ subject }) => subject));

  expect(turns.slice(0, 6)).toEqual(["0", "0", "0", "0", "1", "2"]);
  expect(keys).toHaveLength(210);
});

test("a large part lets other parts have their turn although every run is cut off before its turn ends", async () => {
  const source = new Source(3, { pagesPerTurn: 4 });
  source.items.set("0", 1_000);
  const subjects = new Set<string>();
  let stored = nothing;
  for (let run = 0; run < 4; run += 1) {
    const part = await read(source, stored, { maxPages: 2 });
    for (const subject of part.subjects) subjects.add(subject);
    ({ stored } = part);
  }

  expect([...subjects].toSorted()).toEqual(["0", "1", "2"]);
});

test("a large part lets other parts have their turn although every run is cut off at its first page", async () => {
  const source = new Source(3, { pagesPerTurn: 4 });
  source.items.set("0", 1_000);
  const subjects: string[] = [];
  let stored = nothing;
  for (let run = 0; run < 7; run += 1) {
    const part = await read(source, stored, { maxPages: 1 });
    subjects.push(...part.subjects);
    ({ stored } = part);
  }

  expect(subjects).toEqual(["0", "0", "0", "0", "1", "2", "0"]);
});

test("a run that is cut off where a part ends its turn is resumed with the next part", async () => {
  const source = new Source(2);
  source.items.set("0", 1_000).set("1", 1_000);
  const { readPart } = source;
  source.readPart = async function* (part, state) {
    for await (const page of readPart(part, state)) yield { ...page, endsTurn: true };
  };
  const subjects: string[] = [];
  let stored = nothing;
  for (let run = 0; run < 4; run += 1) {
    // A new process remembers no turn.
    const part = await read(source, stored, { maxPages: 1, reader: source.newReader() });
    subjects.push(...part.subjects);
    ({ stored } = part);
  }

  expect(subjects).toEqual(["0", "1", "0", "1"]);
});

test("a part may end its turn early, and is read on once the others had theirs", async () => {
  const source = new Source(2);
  source.items.set("0", 40).set("1", 20);
  const { readPart } = source;
  source.readPart = async function* (part, state) {
    for await (const page of readPart(part, state)) yield { ...page, endsTurn: part.id === "0" };
  };
  const { pages, keys } = await read(source);
  const turns = pages.flatMap(({ episodes }) => episodes.slice(0, 1).map(({ subject }) => subject));

  // The last part that is left has nothing to wait for.
  expect(turns).toEqual(["0", "1", "1", "0", "0", "0"]);
  expect(new Set(keys).size).toBe(60);
});

test("a resumed run reads the parts that are due, and names those that failed in it before", async () => {
  const source = new Source(4);
  source.errors.set("1", unavailable).set("2", forbidden);
  const first = await read(source);
  source.add();
  const second = await read(source, first.stored, { isDue: ({ id }) => id === "3" });
  const third = await read(source, second.stored, { isDue: () => false });

  expect(second.keys).toEqual(["3:5"]);
  expect(third.keys).toEqual([]);
  for (const { error } of [second, third]) expect(error).toMatchObject({ failedParts: ["acme/r1"] });
});

test("a part that is listed twice is read once", async () => {
  const source = new Source(2);
  source.parts.push(...source.parts);

  expect((await read(source)).keys).toHaveLength(10);
  expect(source.asked).toEqual(["0", "1"]);
});

test("states of quiet parts are stored together, at the end or when the run fails", async () => {
  const source = new Source(4);
  source.readPart = async function* ({ id }) {
    if (id === "3" && isLimited) throw failure("RATE_LIMITED", true, { retryAtMs: hourMs });
    yield { episodes: [], state: 1, isQuiet: true };
  };
  let isLimited = false;
  const whole = await read(source);
  isLimited = true;
  const cut = await read(source);

  expect(whole.pages.map(({ states, isLast }) => [Object.keys(states).length, isLast])).toEqual([[4, true]]);
  expect(cut.pages.map(({ states, isLast }) => [Object.keys(states).length, isLast])).toEqual([[3, false]]);
});

test("loses nothing and requests nothing for ever, whichever parts fail whenever", async () => {
  const random = seededRandom();
  const kinds = [
    unavailable,
    forbidden,
    () => failure("BAD_ANSWER", true),
    () => failure("RATE_LIMITED", true, { retryAtMs: 1 }),
  ];
  for (let round = 0; round < 30; round += 1) {
    const source = new Source(1 + Math.floor(random() * 12), { pagesPerTurn: 2 });
    const keys = new Set<string>();
    let stored = nothing;
    let { reader } = source;
    const runOnce = async () => {
      const result = await read(source, stored, { reader, maxPages: random() < 0.3 ? Math.floor(random() * 4) : Infinity });
      for (const key of result.keys) keys.add(key);
      ({ stored } = result);
      expect(source.asked.length).toBeLessThan(200);
    };
    for (let run = 0; run < 15; run += 1) {
      for (const { id } of source.parts) {
        source.items.set(id, (source.items.get(id) ?? 0) + Math.floor(random() * 30));
        const kind = kinds[Math.floor(random() * kinds.length)];
        if (random() < 0.3 && kind !== undefined) source.errors.set(id, kind);
        else source.errors.delete(id);
      }
      await runOnce();
      source.clock.nowMs += Math.floor(random() * 2 * hourMs);
      // A new process remembers no failures.
      if (random() < 0.1) reader = source.newReader();
    }
    source.errors.clear();
    for (let run = 0; run < 12; run += 1) {
      source.clock.nowMs += 3 * hourMs;
      await runOnce();
    }
    const { error, stored: end } = await read(source, stored);
    expect(error).toBeUndefined();
    expect(end.states).toEqual(Object.fromEntries(source.items));
    expect(keys.size).toBe([...source.items.values()].reduce((sum, items) => sum + items, 0));
  }
});

test("ten thousand parts with nothing but a state cost one page", async () => {
  const source = new Source(10_000);
  source.readPart = async function* () {
    yield { episodes: [], state: 1, isQuiet: true };
  };
  const { pages, stored } = await read(source);

  expect(pages.map(({ isLast }) => isLast)).toEqual([true]);
  expect(Object.keys(stored.states)).toHaveLength(10_000);
});
