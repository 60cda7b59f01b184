import type { MessageForm } from "./fake-message.ts";

/** What no document settles: a connector must manage every setting. */
export interface GmailSettings extends MessageForm {
  /** Whether history ids are numbers in JSON. Default false. */
  readonly hasNumericIds?: boolean;
  /** In which order lists are. Default `newest`. */
  readonly order?: "newest" | "oldest";
  /** So many ids or history records a page has at most, also where more are requested. Default 500. */
  readonly mostListed?: number;
  /** Whether records of the history show the labels of their messages. Default true. */
  readonly historyHasLabels?: boolean;
  /** Whether a page token is the number of messages before it, so that new ones shift pages. Default false. */
  readonly hasOffsets?: boolean;
  /** For so long search does not know a new message. Default 0. */
  readonly searchLagMs?: number;
  /** Units in a minute for each mailbox. Default: no limit. */
  readonly unitsPerMinute?: number;
  /** What a message costs. Default 20. */
  readonly messageUnits?: number;
  /** How a limit is refused: by a reason in a 403, or by a 429 that names a time. Default 403. */
  readonly limitStatus?: 403 | 429;
  /** The Gmail API is not enabled in the project. */
  readonly isDisabled?: boolean;
}
