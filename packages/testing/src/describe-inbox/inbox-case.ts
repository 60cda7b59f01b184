import type { InboxCapabilities } from "./inbox-member.ts";
import type { InboxWorld } from "./inbox-world.ts";

/** One promise of the inbox contract. */
export interface InboxCase {
  /** A fact in the present tense. */
  readonly title: string;
  /** Whether it is promised by an inbox of these capabilities. Absent: by every one. */
  readonly holdsFor?: (capabilities: InboxCapabilities) => boolean;
  run(world: InboxWorld): Promise<void>;
}
