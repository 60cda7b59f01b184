import { expect, test } from "vitest";
import { nothing, read, Source, unavailable } from "./parted-source.ts";

test("reads the preferred parts before the part whose turn it is, and then every other part once", async () => {
  const source = new Source(5);
  const { stored } = await read(source);
  source.add();
  const { subjects, pages } = await read(source, { ...stored, turn: "3" }, { first: ["4", "1"] });
  expect(subjects).toEqual(["4", "1", "3", "0", "2"]);
  expect(pages.flatMap(({ episodes }) => episodes)).toHaveLength(5);
});

test("ignores the ids of parts that it does not have", async () => {
  const source = new Source(3);
  const { subjects } = await read(source, nothing, { first: ["none", "2", "__proto__"] });
  expect(subjects).toEqual(["2", "0", "1"]);
});

test("a preferred part moves no turn", async () => {
  const source = new Source(3);
  source.items.set("2", 1_000);
  const cut = await read(source, { states: {}, turn: "1" }, { first: ["2"], maxPages: 1 });
  expect([cut.subjects, cut.stored.turn]).toEqual([["2"], "1"]);
  const rest = await read(source, cut.stored);
  expect(rest.subjects[0]).toBe("1");
});

test("the other parts have their turn although every run is cut off and prefers the same large part", async () => {
  const source = new Source(3, { pagesPerTurn: 2 });
  source.items.set("0", 1_000);
  const subjects = new Set<string>();
  let stored = nothing;
  for (let run = 0; run < 8; run += 1) {
    const part = await read(source, stored, { maxPages: 1, first: ["0"] });
    for (const subject of part.subjects) subjects.add(subject);
    ({ stored } = part);
  }
  expect([...subjects].toSorted()).toEqual(["0", "1", "2"]);
});

test("a part that is read in turns ends its turn although each run reads a preferred part before", async () => {
  const source = new Source(3, { pagesPerTurn: 2 });
  source.items.set("0", 1_000);
  const subjects = new Set<string>();
  let stored = nothing;
  for (let run = 0; run < 8; run += 1) {
    // The preferred part has nothing new.
    const part = await read(source, stored, { maxPages: 1, first: run === 0 ? [] : ["2"] });
    for (const subject of part.subjects) subjects.add(subject);
    ({ stored } = part);
  }
  expect(subjects).toContain("1");
});

test("a preferred part that fails keeps no other part from being read", async () => {
  const source = new Source(4);
  source.errors.set("3", unavailable);
  const { subjects, error } = await read(source, nothing, { first: ["3"] });
  expect(subjects.toSorted()).toEqual(["0", "1", "2"]);
  expect(error).toMatchObject({ failedParts: ["acme/r3"] });
});
