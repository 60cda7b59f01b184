import { expect, test } from "vitest";
import { connectorCasesFor, runConnectorCase } from "../../src/cases.ts";
import { contractCases } from "../../src/describe-connector/contract-cases.ts";
import { lastingCases } from "../../src/describe-connector/lasting-cases.ts";
import { connectorFaults, onePageAhead, onePageAheadParts } from "./connector-faults.ts";
import { feedFaults, feedSubject } from "./feed-connector.ts";
import { lastingFaults, lastingSubject } from "./lasting-connector.ts";
import { mailFaults, mailSubject } from "./mail-faults.ts";
import { queueSubject } from "./queue-connector.ts";
import { queueFaults } from "./queue-faults.ts";
import { shelfSubject } from "./shelf-connector.ts";
import { shelfFaults } from "./shelf-faults.ts";
import { tinySubject } from "./tiny-connector.ts";

test.each([
  ["on the network", false],
  ["on this machine", true],
])("passes a sound pull of a source %s", async (_, onMachine) => {
  const subject = tinySubject(onMachine);
  for (const each of connectorCasesFor(subject)) {
    await expect(runConnectorCase(each, subject), `the case "${each.title}"`).resolves.toBeUndefined();
  }
});

test.each(connectorFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = connectorCasesFor(tinySubject(fault.onMachine)).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, tinySubject(fault.onMachine, fault))).rejects.toBeInstanceOf(Error);
});

test("allows one page ahead to a pull that declares it", async () => {
  const subject = tinySubject(false, { mistake: "none", noticedBy: "", readsAhead: true, parts: onePageAheadParts });
  const ahead = connectorCasesFor(subject).find(({ title }) => title === onePageAhead);
  await expect(runConnectorCase(ahead!, subject)).resolves.toBeUndefined();
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

test("passes a sound pull that waits, renews and stores values", async () => {
  const lacks: string[] = [];
  for (const each of lastingCases) {
    const run = runConnectorCase(each, lastingSubject(), (what) => lacks.push(what));
    await expect(run, `the case "${each.title}"`).resolves.toBeUndefined();
  }
  expect(lacks).toEqual([]);
});

test.each(lastingFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = lastingCases.find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, lastingSubject(fault))).rejects.toBeInstanceOf(Error);
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

test("passes a sound pull of several lists that stands on the kit, and leaves out only what it does not have", async () => {
  const lacks = new Set<string>();
  const subject = mailSubject();
  for (const each of connectorCasesFor(subject)) {
    const run = runConnectorCase(each, subject, (what) => lacks.add(what));
    await expect(run, `the case "${each.title}"`).resolves.toBeUndefined();
  }
  const ofContract = ["breakOne in its fixture", "map()", "fetchItem()", "range()", "streams()", "seed()"];
  expect([...lacks]).toEqual([...ofContract, "wait()", "maintain()", "use of its storage"]);
});

test("tries a pull without anything else at least 30 times", async () => {
  let tried = 0;
  for (const each of connectorCasesFor(mailSubject())) {
    tried += 1;
    await runConnectorCase(each, mailSubject(), () => {
      tried -= 1;
    });
  }
  expect(tried).toBeGreaterThanOrEqual(30);
});

test.each(mailFaults)("notices a pull that $mistake", async (fault) => {
  const noticing = connectorCasesFor(mailSubject()).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, mailSubject(fault))).rejects.toBeInstanceOf(Error);
});

test("passes a sound pull whose list is one answer", async () => {
  const subject = feedSubject();
  for (const each of connectorCasesFor(subject)) {
    await expect(runConnectorCase(each, subject), `the case "${each.title}"`).resolves.toBeUndefined();
  }
});

test.each(feedFaults)("notices a pull of one answer that $mistake", async (fault) => {
  const noticing = connectorCasesFor(feedSubject()).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, feedSubject(fault))).rejects.toBeInstanceOf(Error);
});

test("passes a sound pull of a provider at a socket", async () => {
  const subject = queueSubject();
  for (const each of connectorCasesFor(subject)) {
    await expect(runConnectorCase(each, subject), `the case "${each.title}"`).resolves.toBeUndefined();
  }
});

test.each(queueFaults)("notices a pull at a socket that $mistake", async (fault) => {
  const noticing = connectorCasesFor(queueSubject()).find(({ title }) => title === fault.noticedBy);
  await expect(runConnectorCase(noticing!, queueSubject(fault))).rejects.toBeInstanceOf(Error);
});

test("notices a pull in pages that is declared to be one answer", async () => {
  const subject = { ...mailSubject(), oneAnswer: true } as const;
  const oneRequest = connectorCasesFor(subject).find(({ title }) => title.startsWith("requests its one answer once"));
  await expect(runConnectorCase(oneRequest!, subject)).rejects.toBeInstanceOf(Error);
});

test("has for every case a mistake that it notices", () => {
  const faults = [...connectorFaults, ...shelfFaults, ...lastingFaults, ...mailFaults, ...feedFaults, ...queueFaults];
  const noticing = new Set(faults.map(({ noticedBy }) => noticedBy));
  const subjects = [tinySubject(), tinySubject(true), feedSubject(), queueSubject()];
  expect(noticing).toEqual(new Set(subjects.flatMap((subject) => connectorCasesFor(subject).map(({ title }) => title))));
});
