import { expect, test } from "vitest";
import { receiverCasesFor, runReceiverCase } from "../../src/cases.ts";
import { receiverFaults } from "./receiver-faults.ts";
import { tinySubject } from "./tiny-receiver.ts";

test.each([
  ["of a provider that signs a time and knows two secrets", tinySubject()],
  ["of a provider that signs no time and knows one secret", tinySubject(true)],
])("passes a sound receiver %s", async (_, subject) => {
  for (const each of receiverCasesFor(subject.capabilities))
    await expect(runReceiverCase(each, subject), `the case "${each.title}"`).resolves.toBeUndefined();
});

test.each(receiverFaults)("notices a receiver that $mistake", async (fault) => {
  const { capabilities } = tinySubject(fault.plain);
  const noticing = receiverCasesFor(capabilities).find(({ title }) => title === fault.noticedBy);
  await expect(runReceiverCase(noticing!, tinySubject(fault.plain, fault))).rejects.toBeInstanceOf(Error);
});

test("has for every case a mistake that it notices", () => {
  const noticing = new Set(receiverFaults.map(({ noticedBy }) => noticedBy));
  const titles = [false, true].flatMap((plain) => receiverCasesFor(tinySubject(plain).capabilities).map(({ title }) => title));
  expect(noticing).toEqual(new Set(titles));
});
