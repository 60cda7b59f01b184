import type { PullHarness } from "./pull-harness.ts";
import type { ConnectorSubject } from "./connector-subject.ts";

/** What decides which cases a subject has to pass. */
export type SubjectTraits = Pick<ConnectorSubject, "provider" | "oneAnswer">;

/** One promise that a pull keeps. */
export interface ConnectorCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised by such a subject. Absent: by every one. */
  readonly holdsFor?: (traits: SubjectTraits) => boolean;
  run(harness: PullHarness): Promise<void>;
}

type Holds = NonNullable<ConnectorCase["holdsFor"]>;

export const onNetwork: Holds = ({ provider }) => provider !== "none" && !("socket" in provider);
export const onSocket: Holds = ({ provider }) => provider !== "none" && "socket" in provider;
/** The suite cannot speak in the provider's place, because there is none or because it speaks another protocol. */
export const withoutHttp: Holds = (traits) => !onNetwork(traits);
export const inPages: Holds = ({ oneAnswer }) => oneAnswer !== true;
export const inOneAnswer: Holds = ({ oneAnswer }) => oneAnswer === true;
