import type { InboxSetting, InboxSubject } from "@statewave-connectors/testing";
import { type InboxCase, inboxCases, runInboxCase } from "@statewave-connectors/testing/cases";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { describe, expect, it } from "vitest";
import { InMemoryInbox } from "../src/index.ts";
import { altered, ReopenableInboxes } from "./altered-inbox.ts";
import { brokenConsumers, brokenRetries } from "./broken-consumers.ts";
import { brokenDiscards } from "./broken-discards.ts";
import { brokenContents, brokenIds, brokenLimits } from "./broken-inboxes.ts";
import { brokenItems, forgettingItems } from "./broken-items.ts";
import { brokenReleases, releasing } from "./broken-releases.ts";
import { brokenClosing, brokenFigures, brokenLetters, brokenReopening } from "./broken-keeping.ts";

function subjectOf(name: string, persistent: boolean, open: (setting: InboxSetting) => Inbox): InboxSubject {
  return {
    name,
    capabilities: { clock: "injected", persistent, forgetsIds: "at-window" },
    open: async (setting) => open(setting),
  };
}

/** Waiting in vain is how some defects show: short, since nothing here is slow. */
const patient = { patienceMs: 150 };
const reopening = [...brokenReopening(), ...forgettingItems()];
const broken = [
  ...brokenIds,
  ...brokenContents,
  ...brokenLimits,
  ...brokenConsumers,
  ...brokenRetries,
  ...brokenReleases,
  ...brokenLetters,
  ...brokenDiscards,
  ...brokenItems,
  ...brokenFigures,
  ...brokenClosing,
  ...reopening,
];

const unaltered = subjectOf("unaltered", false, (setting) => altered(new InMemoryInbox(setting), {}));
const inboxes = new ReopenableInboxes();
const sharing: InboxSubject = {
  name: "sharing",
  capabilities: { clock: "injected", persistent: false, forgetsIds: "at-window", shared: true },
  open: async (setting) => releasing(new InMemoryInbox(setting), (release) => release()),
};
const reopenable = subjectOf("reopenable", true, (setting) => inboxes.open(setting));

function promised({ capabilities }: InboxSubject): readonly InboxCase[] {
  return inboxCases.filter(({ holdsFor }) => holdsFor?.(capabilities) !== false);
}

describe("the inbox suite", () => {
  it("has cases with titles of their own", () => {
    expect(new Set(inboxCases.map(({ title }) => title)).size).toBe(inboxCases.length);
  });

  it.each(broken)("catches an inbox that $defect", async (defective) => {
    const inboxCase = inboxCases.find(({ title }) => title === defective.caughtBy);
    if (inboxCase === undefined) throw new Error(`no case is titled: ${defective.caughtBy}`);
    const subject = subjectOf(defective.defect, reopening.includes(defective), (setting) => defective.open(setting));
    const outcome = await runInboxCase(inboxCase, subject, patient).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(Error);
    // That would be the alteration falling over itself.
    expect(outcome).not.toBeInstanceOf(TypeError);
  });

  it.each(promised(unaltered))("passes an unbroken inbox behind an alteration: $title", async (inboxCase) => {
    await expect(runInboxCase(inboxCase, unaltered)).resolves.toBeUndefined();
  });

  it.each(promised(sharing))("passes an unbroken inbox that gives back what is claimed: $title", async (inboxCase) => {
    await expect(runInboxCase(inboxCase, sharing)).resolves.toBeUndefined();
  });

  it.each(promised(reopenable))("passes an unbroken inbox that can be opened again: $title", async (inboxCase) => {
    await expect(runInboxCase(inboxCase, reopenable)).resolves.toBeUndefined();
  });
});
