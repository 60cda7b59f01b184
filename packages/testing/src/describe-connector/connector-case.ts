import type { PullHarness } from "./pull-harness.ts";
import type { ConnectorSubject } from "./connector-subject.ts";

/** One promise that a pull keeps. */
export interface ConnectorCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised with this provider. Absent: with every one. */
  readonly holdsFor?: (provider: ConnectorSubject["provider"]) => boolean;
  run(harness: PullHarness): Promise<void>;
}

export const onNetwork: NonNullable<ConnectorCase["holdsFor"]> = (provider) => provider !== "none";
export const onMachine: NonNullable<ConnectorCase["holdsFor"]> = (provider) => provider === "none";
