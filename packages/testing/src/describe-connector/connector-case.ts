import type { PullBench } from "./pull-bench.ts";
import type { ConnectorUnderTest } from "./connector-under-test.ts";

/** One promise that a pull keeps. */
export interface ConnectorCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised with this provider. Absent: with every one. */
  readonly holdsFor?: (provider: ConnectorUnderTest["provider"]) => boolean;
  run(bench: PullBench): Promise<void>;
}

export const onNetwork: NonNullable<ConnectorCase["holdsFor"]> = (provider) => provider !== "none";
export const onMachine: NonNullable<ConnectorCase["holdsFor"]> = (provider) => provider === "none";
