import { expect, test } from "vitest";
import { cursorStoreCasesFor, runCursorStoreCase } from "../../src/index.ts";
import { claimFaults } from "./claim-faults.ts";
import { fencingFaults } from "./fencing-faults.ts";
import { limitFaults } from "./limit-faults.ts";
import { storeFaults } from "./store-faults.ts";
import { tickFaults } from "./tick-faults.ts";
import { type Fault, type Sort, underTest } from "./under-test.ts";

const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const sorts: readonly Sort[] = ["memory", "file", "server"];
const knownFaults = [...claimFaults, ...limitFaults, ...tickFaults, ...fencingFaults, ...storeFaults];

async function failingCases(sort: Sort, fault?: Fault): Promise<readonly string[]> {
  const failing: string[] = [];
  for (const each of cursorStoreCasesFor(underTest(sort).store.capabilities)) {
    const { store, time } = underTest(sort, fault);
    await runCursorStoreCase(each, store, { seed, ...(time === undefined ? {} : { time }) }).catch(() =>
      failing.push(each.title),
    );
  }
  return failing;
}

test.each(sorts)("passes a sound store of the sort %s", { timeout: 60_000 }, async (sort) => {
  expect(await failingCases(sort), `seed ${seed}`).toEqual([]);
});

test.each(knownFaults)("notices a store that $mistake", { timeout: 60_000 }, async (fault) => {
  expect(await failingCases(fault.sort ?? "memory", fault), `seed ${seed}`).toContain(fault.noticedBy);
});

test("has for every case a mistake that it notices", () => {
  const noticing = new Set(knownFaults.map(({ noticedBy }) => noticedBy));
  const idle = sorts
    .flatMap((sort) => cursorStoreCasesFor(underTest(sort).store.capabilities))
    .filter(({ title }) => !noticing.has(title));
  expect(new Set(idle.map(({ title }) => title))).toEqual(
    new Set(["does what the contract says through a few hundred random calls"]),
  );
});
