import { expect, test } from "vitest";
import { connectorCasesFor, runConnectorCase } from "../../src/index.ts";
import { contractCases } from "../../src/describe-connector/contract-cases.ts";
import { connectorFaults } from "./connector-faults.ts";
import { shelfUnderTest } from "./shelf-connector.ts";
import { shelfFaults } from "./shelf-faults.ts";
import { underTest } from "./tiny-connector.ts";

test.each([
  ["on the network", false],
  ["on this machine", true],
])("passes a sound pull of a source %s", async (_, onMachine) => {
  const member = underTest(onMachine);
  for (const each of connectorCasesFor(member.provider)) {
    await expect(runConnectorCase(each, member), `the case "${each.title}"`).resolves.toBeUndefined();
  }
});

test.each(connectorFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = connectorCasesFor(underTest(fault.onMachine).provider).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, underTest(fault.onMachine, fault))).rejects.toBeInstanceOf(Error);
});

test("passes a sound pull with everything that a pull may have", async () => {
  const lacks: string[] = [];
  const member = shelfUnderTest();
  for (const each of contractCases) {
    const run = runConnectorCase(each, member, (what) => lacks.push(what));
    await expect(run, `the case "${each.title}"`).resolves.toBeUndefined();
  }
  expect(lacks).toEqual([]);
});

test("says what a pull does not have", async () => {
  const lacks: string[] = [];
  for (const each of contractCases) await runConnectorCase(each, underTest(), (what) => lacks.push(what));
  expect(lacks).toEqual(["breakOne in its world", "map()", "map()", "fetchItem()", "range()", "range()", "streams()", "seed()"]);
});

test.each(shelfFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = contractCases.find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, shelfUnderTest(fault))).rejects.toBeInstanceOf(Error);
});

test("has for every case a mistake that it notices", () => {
  const noticing = new Set([...connectorFaults, ...shelfFaults].map(({ noticedBy }) => noticedBy));
  const titles = [false, true].flatMap((onMachine) => connectorCasesFor(underTest(onMachine).provider).map(({ title }) => title));
  expect(noticing).toEqual(new Set(titles));
});
