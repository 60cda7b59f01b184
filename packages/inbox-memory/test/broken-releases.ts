import { ConsumerLoop, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";
import { altered, alteringConsume } from "./altered-inbox.ts";
import type { BrokenInbox } from "./broken-inboxes.ts";

type Release = () => Promise<number>;

/** The inbox with a consumer that gives back what is claimed, as one that processes share. */
export function releasing(inbox: Inbox, change: (release: Release) => Promise<number>): Inbox {
  return altered(inbox, {
    consume: (handler, options) => {
      const consumer = inbox.consume(handler, options);
      if (!(consumer instanceof ConsumerLoop)) throw new TypeError("the consumer is no loop");
      return {
        pause: () => consumer.pause(),
        resume: () => consumer.resume(),
        stop: (signal) => consumer.stop(signal),
        release: () => change(() => consumer.giveBack()),
      };
    },
  });
}

const broken = (defect: string, caughtBy: string, alter: (inbox: Inbox) => Inbox): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting: InboxSetting) => alter(new InMemoryInbox(setting)),
});

const givesBack = "gives back what is claimed, signals it, and counts no attempt";
const ignoresLate = "ignores what is settled after it was given back, and gives back nothing when nothing is claimed";

export const brokenReleases: readonly BrokenInbox[] = [
  broken("is shared and gives nothing back", givesBack, (inbox) => inbox),
  broken("says that it gave back what it still holds", givesBack, (inbox) => releasing(inbox, async () => 3)),
  broken("gives back without a signal", givesBack, (inbox) => {
    const silent = new AbortController();
    return alteringConsume(
      releasing(inbox, (release) => release()),
      (handler) => (claimed) => handler({ ...claimed, signal: silent.signal }),
    );
  }),
  broken("counts what it gave back before", ignoresLate, (inbox) => {
    let total = 0;
    return releasing(inbox, async (release) => (total += await release()));
  }),
  broken("belongs to one process and has a release", "gives nothing back when no other process can have it open", (inbox) =>
    releasing(inbox, (release) => release()),
  ),
];
