import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { isSlackTs } from "./slack-time.ts";

const ts = v.pipe(
  v.string(),
  v.check((text) => isSlackTs(text), "is no ts"),
);
const instantMs = v.pipe(v.number(), v.safeInteger());

const windowSchema = v.strictObject({
  /** Both ends belong to it. What lies before `oldest` was read and is looked at again for late replies and edits. */
  from: ts,
  latest: ts,
  /** How far back it looks: at new messages only, at a day, at all live threads. */
  depth: v.picklist(["new", "day", "full"]),
  /** The page to read next: empty for the first, absent when all are read. */
  page: v.optional(v.string()),
  /** The newest message seen in it. */
  max: v.optional(ts),
  /** Threads whose replies come before the next page; of the first, the page to read next. */
  pending: v.array(ts),
  repliesPage: v.optional(v.string()),
});

const channelSchema = v.strictObject({
  /** Every message up to here was read. */
  oldest: ts,
  /** Replies and edits up to here were read, of messages posted less than a day before it. */
  replied: v.optional(ts),
  /** The same, of all live threads. */
  repliedFull: v.optional(ts),
  /** When its last walk ended. */
  checkedMs: v.optional(instantMs),
  window: v.optional(windowSchema),
  /** Live threads older than any window: the ts of each, and of its last reply. */
  threads: v.record(ts, ts),
});

const cursorSchema = v.strictObject({
  v: v.literal(1),
  team: v.string(),
  /** When the round that is under way began: a resumed tick walks only the channels that it did not reach yet. */
  roundMs: v.optional(instantMs),
  channels: v.record(v.string(), channelSchema),
});

export type Window = v.InferOutput<typeof windowSchema>;
export type ChannelState = v.InferOutput<typeof channelSchema>;
/** What is stored between two pages: which workspace it is, and where each channel stands. */
export type Cursor = v.InferOutput<typeof cursorSchema>;

/** The cursor as it is stored. */
export function formatCursor(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

/** @throws SLACK_CURSOR_INVALID when it was not written by this connector, or by a newer one. */
export function parseCursor(text: string, sourceKey: string): Cursor {
  const parsed = v.safeParse(cursorSchema, parseJson(text), { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw invalid(sourceKey, `is not one of this connector: ${v.getDotPath(parsed.issues[0]) ?? "it"} is wrong`);
}

/** @throws SLACK_CURSOR_INVALID when it was written for another workspace. */
export function assertSameTeam(cursor: Cursor, team: string, sourceKey: string): void {
  if (cursor.team !== team) throw invalid(sourceKey, `belongs to the workspace ${cursor.team}, and bot_token to ${team}`);
}

function invalid(sourceKey: string, what: string): ConnectorsError {
  return new ConnectorsError({
    code: "SLACK_CURSOR_INVALID",
    message: `the stored cursor of ${sourceKey} ${what}`,
    hint: `forget it with \`state delete ${sourceKey}\`; the next sync then reads from the beginning, and what Statewave has is not stored twice`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
