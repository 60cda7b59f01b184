import type { Clock } from "@statewave-connectors/connector-sdk";
import type { MessageReader } from "./message-pages.ts";

/** What a walk of a channel reads with. */
export interface WalkContext extends MessageReader {
  readonly clock: Clock;
  /** Only the window that is stored is read: it is that of a range. */
  readonly isRange: boolean;
  /** How long a thread has no reply until it is digested; undefined: no thread is. */
  readonly digestQuietMs: number | undefined;
  /** Called for threads that could not be read and are read again in a later walk. */
  readonly onFailedThreads: (failed: FailedThreads) => void;
}

/** Threads of a channel that could not be read. */
export interface FailedThreads {
  readonly count: number;
  /** Of the last one that was requested. */
  readonly error: unknown;
}
