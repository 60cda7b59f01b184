import { expect, test } from "vitest";
import { connectorCasesFor, runConnectorCase } from "../../src/index.ts";
import { contractCases } from "../../src/describe-connector/contract-cases.ts";
import { connectorFaults } from "./connector-faults.ts";
import { shelfSubject } from "./shelf-connector.ts";
import { shelfFaults } from "./shelf-faults.ts";
import { tinySubject } from "./tiny-connector.ts";

test.each([
  ["on the network", false],
  ["on this machine", true],
])("passes a sound pull of a source %s", async (_, onMachine) => {
  const subject = tinySubject(onMachine);
  for (const each of connectorCasesFor(subject.provider)) {
    await expect(runConnectorCase(each, subject), `the case "${each.title}"`).resolves.toBeUndefined();
  }
});

test.each(connectorFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = connectorCasesFor(tinySubject(fault.onMachine).provider).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, tinySubject(fault.onMachine, fault))).rejects.toBeInstanceOf(Error);
});

test("passes a sound pull with everything that a pull may have", async () => {
  const lacks: string[] = [];
  const subject = shelfSubject();
  for (const each of contractCases) {
    const run = runConnectorCase(each, subject, (what) => lacks.push(what));
    await expect(run, `the case "${each.title}"`).resolves.toBeUndefined();
  }
  expect(lacks).toEqual([]);
});

test("says what a pull does not have", async () => {
  const lacks: string[] = [];
  for (const each of contractCases) await runConnectorCase(each, tinySubject(), (what) => lacks.push(what));
  expect(lacks).toEqual([
    "breakOne in its fixture",
    "map()",
    "map()",
    "fetchItem()",
    "range()",
    "range()",
    "streams()",
    "seed()",
  ]);
});

test.each(shelfFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = contractCases.find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, shelfSubject(fault))).rejects.toBeInstanceOf(Error);
});

test("has for every case a mistake that it notices", () => {
  const noticing = new Set([...connectorFaults, ...shelfFaults].map(({ noticedBy }) => noticedBy));
  const titles = [false, true].flatMap((onMachine) =>
    connectorCasesFor(tinySubject(onMachine).provider).map(({ title }) => title),
  );
  expect(noticing).toEqual(new Set(titles));
});
