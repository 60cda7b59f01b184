import { expect, test } from "vitest";
import { type CursorStoreCase, cursorStoreCasesFor, runCursorStoreCase } from "../../src/cases.ts";
import { claimFaults } from "./claim-faults.ts";
import { fencingFaults } from "./fencing-faults.ts";
import { limitFaults } from "./limit-faults.ts";
import { recordBoundFaults } from "./record-bound-faults.ts";
import { recordFaults } from "./record-faults.ts";
import { storeFaults } from "./store-faults.ts";
import { runFaults } from "./run-faults.ts";
import { timeStepFaults } from "./time-step-faults.ts";
import { type Fault, type Sort, brokenStore } from "./broken-store.ts";

const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const sorts: readonly Sort[] = ["memory", "file", "server"];
const knownFaults = [
  ...claimFaults,
  ...limitFaults,
  ...runFaults,
  ...timeStepFaults,
  ...fencingFaults,
  ...storeFaults,
  ...recordFaults,
  ...recordBoundFaults,
];

async function failingCases(sort: Sort, fault?: Fault, isRun: (each: CursorStoreCase) => boolean = () => true) {
  const failing: string[] = [];
  for (const each of cursorStoreCasesFor(brokenStore(sort).store.capabilities).filter(isRun)) {
    const { store, time } = brokenStore(sort, fault);
    await runCursorStoreCase(each, store, { seed, ...(time === undefined ? {} : { time }) }).catch(() =>
      failing.push(each.title),
    );
  }
  return failing;
}

test.each(sorts)("passes a sound store of the sort %s", async (sort) => {
  expect(await failingCases(sort), `seed ${seed}`).toEqual([]);
});

test.each(knownFaults)("notices a store that $mistake", async (fault) => {
  const isAboutRecords = [...recordFaults, ...recordBoundFaults].includes(fault);
  // The other half of the suite is about parts that the fault leaves sound.
  const isRun = (each: CursorStoreCase) => each.title === fault.noticedBy || (each.needs === "records") === isAboutRecords;
  expect(await failingCases(fault.sort ?? "memory", fault, isRun), `seed ${seed}`).toContain(fault.noticedBy);
});

test("has for every case a mistake that it notices", () => {
  const noticing = new Set(knownFaults.map(({ noticedBy }) => noticedBy));
  const idle = sorts
    .flatMap((sort) => cursorStoreCasesFor(brokenStore(sort).store.capabilities))
    .filter(({ title }) => !noticing.has(title));
  expect(new Set(idle.map(({ title }) => title))).toEqual(
    new Set([
      "does what the contract says through a few hundred random calls",
      "does with records what the contract says through a few hundred random calls",
    ]),
  );
});

test("leaves out the cases on records for a store without them, unless it declares them", async () => {
  const fault: Fault = { store: () => ({ records: undefined as never }) };
  expect(await failingCases("server", fault)).toEqual(["keeps records, as it declares"]);
});
