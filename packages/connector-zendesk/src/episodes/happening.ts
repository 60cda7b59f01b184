/** Something that happened to a ticket and becomes an episode, whichever way it was read. */
export type Happening =
  | ({ readonly type: "created" } & Said)
  | ({ readonly type: "commented"; readonly id: string } & Said)
  | ({
      readonly type: "attached";
      readonly id: string;
      readonly comment: string;
      readonly file: string;
      readonly isPublic: boolean;
    } & Act)
  | ({ readonly type: "moved"; readonly from: string; readonly to: string } & Act)
  | {
      readonly type: "rated";
      readonly at: string;
      readonly id: string | undefined;
      readonly isGood: boolean;
      readonly words: string;
    }
  | { readonly type: "merged"; readonly at: string }
  | ({ readonly type: "restored" } & Act)
  | ({ readonly type: "redacted"; readonly comment: string } & Act)
  | ({ readonly type: "made_private"; readonly comment: string } & Act)
  | ({ readonly type: "file_redacted"; readonly comment: string; readonly attachment: string } & Act)
  | ({ readonly type: "deleted"; readonly how: "deleted" | "deleted for good" | "marked as spam" } & Act);

interface Act {
  /** ISO 8601, to the second: keys of what may happen again hold it. */
  readonly at: string;
  /** Undefined: Zendesk itself. */
  readonly by: string | undefined;
}

interface Said extends Act {
  /** Plain text. */
  readonly words: string;
  /** Names of attachments. */
  readonly files: readonly string[];
  /** False: only agents see it. */
  readonly isPublic: boolean;
}

/** What changes what may be remembered of a ticket. */
const alwaysReported: ReadonlySet<Happening["type"]> = new Set([
  "deleted",
  "restored",
  "redacted",
  "made_private",
  "file_redacted",
]);

/** Whether the `statuses` filter does not apply. */
export function ignoresStatus(type: Happening["type"]): boolean {
  return alwaysReported.has(type);
}

const inWork: ReadonlySet<string> = new Set(["new", "open", "pending", "hold"]);

/** Whether people work on a ticket. `archived`, `scrubbed` and `deleted` are neither work nor an end. */
export function isInWork(status: string): boolean {
  return inWork.has(status);
}

/** Whether a status is an end. */
export function isOver(status: string): boolean {
  return status === "solved" || status === "closed";
}
