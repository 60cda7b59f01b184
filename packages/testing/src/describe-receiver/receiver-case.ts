import type { ReceiverBench } from "./receiver-bench.ts";
import type { ReceiverCapabilities } from "./receiver-under-test.ts";

/** One promise that a push receiver keeps. */
export interface ReceiverCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised where the provider signs like this. Absent: everywhere. */
  readonly holdsFor?: (capabilities: ReceiverCapabilities) => boolean;
  run(bench: ReceiverBench): Promise<void>;
}
