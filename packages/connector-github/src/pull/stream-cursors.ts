import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { enabledStreams, type GithubPullConfig, type StreamName } from "../pull-options.ts";
import { type Cursor, formatCursor, type ManyCursor, parseCursor } from "./cursor.ts";
import { issueStreams } from "./streams.ts";

/** A cursor with which reading begins at an instant. */
export function seedCursor(since: string): string {
  return formatCursor({ v: 3, since: toInstant(Date.parse(since)) });
}

/** A cursor with one stream set back to its beginning, in every repository. */
export function resetStream(config: GithubPullConfig, stored: string, stream: string): string {
  const enabled = enabledStreams(config);
  const name = [...enabled].find((each) => each === stream);
  const { any } = parseCursor(stored);
  if (name === undefined) throw streamUnknown(stream, enabled);
  if (any === undefined || any.v === 3) return stored;
  return formatCursor(any.v === 1 ? without(any, name, enabled) : withoutInAll(any, name, enabled));
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
  // The list that it shares stays where it is; beside it the stream is read once more.
  return { ...cursor, lists: isShared ? { ...lists, [stream]: { since: cursor.since, seen: {} } } : lists };
}

/** @throws GITHUB_STREAM_UNKNOWN */
export function streamUnknown(stream: string, enabled: ReadonlySet<StreamName>): ConnectorsError {
  return new ConnectorsError({
    code: "GITHUB_STREAM_UNKNOWN",
    message: `the entry has no stream ${JSON.stringify(stream.slice(0, 40))}`,
    hint: `name one of ${[...enabled].join(", ")}`,
  });
}
