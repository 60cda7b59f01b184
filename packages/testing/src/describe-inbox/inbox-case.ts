import type { InboxCapabilities } from "./inbox-subject.ts";
import type { InboxHarness } from "./inbox-harness.ts";

/** One promise of the inbox contract. */
export interface InboxCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised by an inbox of these capabilities. Absent: by every one. */
  readonly holdsFor?: (capabilities: InboxCapabilities) => boolean;
  run(harness: InboxHarness): Promise<void>;
}
