import { expect, test } from "vitest";
import { connectorCasesFor, runConnectorCase } from "../../src/index.ts";
import { connectorFaults } from "./connector-faults.ts";
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

test("has for every case a mistake that it notices", () => {
  const noticing = new Set(connectorFaults.map(({ noticedBy }) => noticedBy));
  const titles = [false, true].flatMap((onMachine) => connectorCasesFor(underTest(onMachine).provider).map(({ title }) => title));
  expect(noticing).toEqual(new Set(titles));
});
