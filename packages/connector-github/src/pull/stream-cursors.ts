import { entryStreams } from "@statewave-connectors/connector-sdk/options";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { enabledStreams, type GithubPullConfig, type StreamName } from "../pull-options.ts";
import { type Cursor, formatCursor, type ManyCursor, parseCursor } from "./cursor.ts";
import { issueStreams } from "./streams.ts";

/** A cursor with which reading begins at an instant. */
export function seedCursor(since: string): string {
  return formatCursor({ v: 3, since: toInstant(Date.parse(since)) });
}

/** What an entry reads separately. */
export const streams = entryStreams({ kind: "github", of: enabledStreams, reset: resetStream });

/** A cursor with one stream set back to its beginning, in every repository. */
function resetStream(stored: string, stream: StreamName, config: GithubPullConfig): string {
  const enabled = enabledStreams(config);
  const { any } = parseCursor(stored);
  if (any === undefined || any.v === 3) return stored;
  return formatCursor(any.v === 1 ? without(any, stream, enabled) : withoutInAll(any, stream, enabled));
}

function withoutInAll(cursor: ManyCursor, stream: StreamName, enabled: ReadonlySet<StreamName>): ManyCursor {
  const parts = Object.entries(cursor.parts).map(([id, part]) => [id, without(part, stream, enabled)] as const);
  return { ...cursor, parts: Object.fromEntries(parts) };
}

function without(cursor: Cursor, stream: StreamName, enabled: ReadonlySet<StreamName>): Cursor {
  const { releases: _, reviews: __, ...rest } = cursor;
  if (stream === "releases") return { ...rest, reviews: cursor.reviews };
  if (stream === "reviews") return { ...rest, releases: cursor.releases };
  const { [stream]: ___, ...lists } = cursor.lists;
  const isShared = issueStreams(enabled).length > 1 && issueStreams(enabled).includes(stream);
  // The list that it shares stays where it is; beside it the stream is read once more, from where an entry begins.
  return { ...cursor, lists: isShared ? { ...lists, [stream]: { seen: {} } } : lists };
}
