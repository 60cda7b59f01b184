import type { ReceiverHarness } from "./receiver-harness.ts";
import type { ReceiverCapabilities } from "./receiver-subject.ts";

/** One promise that a receiver keeps. */
export interface ReceiverCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised where the provider signs like this. Absent: everywhere. */
  readonly holdsFor?: (capabilities: ReceiverCapabilities) => boolean;
  run(harness: ReceiverHarness): Promise<void>;
}
