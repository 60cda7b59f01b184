import { describe, it } from "vitest";
import { acceptCases } from "./cases/accept-cases.ts";
import { consumeCases } from "./cases/consume-cases.ts";
import { contentCases } from "./cases/content-cases.ts";
import { discardCases } from "./cases/discard-cases.ts";
import { deadLetterCases } from "./cases/dead-letter-cases.ts";
import { lifecycleCases } from "./cases/lifecycle-cases.ts";
import { limitCases } from "./cases/limit-cases.ts";
import { modelCase } from "./cases/model-case.ts";
import { pauseAndStopCases } from "./cases/pause-and-stop-cases.ts";
import { releaseCases } from "./cases/release-cases.ts";
import { retryCases } from "./cases/retry-cases.ts";
import { statsCases } from "./cases/stats-cases.ts";
import { viewCases } from "./cases/view-cases.ts";
import { failedItemCases } from "./cases/failed-item-cases.ts";
import type { InboxCase } from "./inbox-case.ts";
import type { InboxSubject } from "./inbox-subject.ts";
import { InboxHarness, type HarnessOptions } from "./inbox-harness.ts";

const groups: Readonly<Record<string, readonly InboxCase[]>> = {
  accepting: acceptCases,
  "keeping contents": contentCases,
  "its limits": limitCases,
  consuming: consumeCases,
  retrying: retryCases,
  "pausing and stopping": pauseAndStopCases,
  "giving back": releaseCases,
  "dead letters": deadLetterCases,
  "failed items": failedItemCases,
  "its figures": statsCases,
  "looking into it": viewCases,
  forgetting: discardCases,
  "opening and closing": lifecycleCases,
  "a random walk": [modelCase],
};

/** Every case, for running them by hand. */
export const inboxCases: readonly InboxCase[] = Object.values(groups).flat();

let stores = 0;

/** Runs one case on a store of its own; rejects when the inbox breaks the promise. */
export async function runInboxCase(inboxCase: InboxCase, subject: InboxSubject, options: HarnessOptions = {}): Promise<void> {
  stores += 1;
  const harness = new InboxHarness(subject, `inbox-case-${process.pid}-${stores}`, options);
  try {
    await inboxCase.run(harness);
  } finally {
    await harness.closeAll();
  }
}

/**
 * The inbox contract as tests. A package calls it in `conformance.test.ts`. With an injected clock nothing waits; with a server's clock
 * the cases about time take a few of its units each, so several run side by side, each on its own store.
 */
export function describeInbox(subject: InboxSubject): void {
  const concurrent = subject.capabilities.clock === "server";
  const timeout = concurrent ? 120_000 : 60_000;
  describe(`${subject.name} keeps the inbox contract`, () => {
    for (const [group, all] of Object.entries(groups)) {
      const cases = all.filter(({ holdsFor }) => holdsFor?.(subject.capabilities) ?? true);
      if (cases.length === 0) continue;
      describe(group, () => {
        for (const inboxCase of cases) {
          it(inboxCase.title, { timeout, concurrent }, () => runInboxCase(inboxCase, subject));
        }
      });
    }
  });
}
