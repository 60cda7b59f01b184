import { ConnectorsError, describeError, type Episode, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, maxCursorBytes, type ReadingProgress } from "@statewave-connectors/connector-sdk/host";
import { type CheckedFailedItem, PageFailures, unnamedReason } from "./failures.ts";

/** What a connector yielded as a page, checked. */
export interface ReadPage {
  /** Items that the provider returned: mapped, left out or failed. */
  readonly fetched: number;
  readonly episodes: readonly Episode[];
  readonly failures: readonly CheckedFailedItem[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly cursor?: string;
  /** As the connector yielded it. */
  readonly progress?: ReadingProgress;
}

/** Where a page comes from. */
export interface PageOrigin {
  readonly source: SourceKey;
  readonly direction: "pull" | "push";
  /** Replaces every episode's subject. */
  readonly subject: string | undefined;
}

/**
 * A page in the form that the runner uses: a connector may be plain JavaScript. Values that are no episodes are gathered with the failed
 * items; a page of another form throws `PULL_PAGE_INVALID` or `PUSH_PAGE_INVALID`, because its missing items are unknown.
 */
export function readPage(page: unknown, origin: PageOrigin): ReadPage {
  const { episodes, cursor, skipped, failures, progress } = readFrame(page, origin);
  const gathered = new PageFailures();
  for (const failed of failures) gathered.add(failed);
  const named: Episode[] = [];
  for (const episode of episodes) {
    const readable = withSubject(episode, origin.subject);
    const reason = unnamedReason(readable);
    if (reason === undefined) named.push(readable as Episode);
    else gathered.addYielded(episode, reason);
  }
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  return {
    fetched: episodes.length + failures.length + left,
    episodes: named,
    failures: gathered.all,
    skipped,
    ...(cursor === undefined ? {} : { cursor }),
    ...(progress === undefined ? {} : { progress }),
  };
}

interface Frame {
  readonly episodes: readonly unknown[];
  readonly failures: readonly unknown[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly cursor: string | undefined;
  readonly progress: ReadingProgress | undefined;
}

function readFrame(page: unknown, origin: PageOrigin): Frame {
  if (typeof page !== "object" || page === null) throw invalid(origin, `it is ${nameOf(page)}`);
  let frame: Partial<Record<keyof Frame, unknown>>;
  try {
    const { episodes, cursor, skipped, failures, progress } = page as typeof frame;
    frame = { episodes, cursor, skipped, failures, progress };
  } catch (error) {
    throw invalid(origin, `it cannot be read: ${describeError(error)}`);
  }
  const { episodes, cursor, failures = [] } = frame;
  if (!Array.isArray(episodes)) throw invalid(origin, `its episodes are ${nameOf(episodes)}`);
  if (!Array.isArray(failures)) throw invalid(origin, `its failures are ${nameOf(failures)}`);
  if (cursor !== undefined && typeof cursor !== "string") throw invalid(origin, `its cursor is ${nameOf(cursor)}`);
  const bytes = cursor === undefined ? 0 : Buffer.byteLength(cursor);
  if (bytes > maxCursorBytes) throw invalid(origin, `its cursor has ${bytes} bytes, at most ${maxCursorBytes} are stored`);
  // It is shown only: a wrong one must not end a run.
  const progress = toProgress(frame.progress);
  return { episodes, failures, cursor, skipped: readSkipped(frame.skipped, origin), progress };
}

function toProgress(progress: unknown): ReadingProgress | undefined {
  return typeof progress === "object" && progress !== null ? progress : undefined;
}

/** A copy: a connector may count on in the same object while the page is delivered. */
function readSkipped(skipped: unknown, origin: PageOrigin): Readonly<Record<string, number>> {
  if (skipped === undefined) return {};
  if (typeof skipped !== "object" || skipped === null || Array.isArray(skipped))
    throw invalid(origin, `its skipped items are ${nameOf(skipped)}`);
  const counts = Object.entries(skipped);
  for (const [reason, count] of counts) {
    if (!Number.isSafeInteger(count) || count < 0)
      throw invalid(origin, `the number of items skipped as ${reason.slice(0, 64)} is ${nameOf(count)}`);
  }
  return Object.fromEntries(counts) as Readonly<Record<string, number>>;
}

/** The episode with the subject of its entry, if the entry has one. A value that is no object, or cannot be read, is returned unchanged. */
export function withSubject(episode: unknown, subject: string | undefined): unknown {
  if (subject === undefined || typeof episode !== "object" || episode === null || Array.isArray(episode)) return episode;
  try {
    return { ...episode, subject };
  } catch {
    return episode;
  }
}

/** Refuses what `pages()` returned when it cannot be iterated over. */
export function requirePages(pages: unknown, origin: PageOrigin): void {
  if (typeof pages === "object" && pages !== null && Symbol.asyncIterator in pages) return;
  throw defect(origin, `returned ${nameOf(pages)} from pages() instead of an async generator`);
}

function invalid(origin: PageOrigin, fault: string): ConnectorsError {
  return defect(origin, `yielded something that is not a page: ${fault}`);
}

function defect({ source, direction }: PageOrigin, what: string): ConnectorsError {
  return new ConnectorsError({
    code: direction === "pull" ? "PULL_PAGE_INVALID" : "PUSH_PAGE_INVALID",
    message: `the connector of ${formatSourceKey(source)} ${what}`,
    hint: "update the connector, or report this to its author",
  });
}

function nameOf(value: unknown): string {
  if (typeof value === "number" || value === undefined || value === null) return String(value);
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
