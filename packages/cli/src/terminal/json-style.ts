import type { Episode } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { RecordedAction } from "@statewave-connectors/runner/actions";
import type { PauseChange, PauseRequest } from "@statewave-connectors/runner/entries";
import type { ShownItem, ShownLetter } from "@statewave-connectors/runner/operations";
import type { EntryStatus } from "@statewave-connectors/runner/status";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";

// What `--json` prints has one style: keys in snake_case, instants as ISO 8601 in UTC, durations in `…_ms`, sources as `kind/name`.
// The operator's own keys (options, headers, metadata) stay as they are.

/** An instant as ISO 8601 in UTC. */
export function toIso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Keys whose values are the operator's or a provider's, with names of their own. */
const foreignKeys = new Set(["options", "connectorPackages"]);

/** The value with the keys of all its objects in snake_case. */
export function withSnakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSnakeKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [toSnake(key), foreignKeys.has(key) ? inner : withSnakeKeys(inner)]),
  );
}

function toSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What the command knows of a source besides what the store has. */
export interface SourceFacts {
  readonly isConfigured: boolean;
  readonly nextDueMs?: number | undefined;
  /** By an operator. It is not run when it is due. */
  readonly isPaused?: boolean;
  /** The sinks that the cursor belongs to, when the configured one is another. */
  readonly cursorOf?: readonly string[] | undefined;
}

/** What the store has of a source, and when it is due next. */
export function stateToJson(
  state: SourceState,
  { isConfigured, nextDueMs, cursorOf, isPaused }: SourceFacts,
  nowMs: number,
): unknown {
  const { source, cursor, updatedAtMs, epoch, finishedDueMs, openDueMs, resumeInMs, lease } = state;
  return {
    source: formatSourceKey(source),
    configured: isConfigured,
    ...(cursor === undefined ? {} : { cursor }),
    ...(cursorOf === undefined ? {} : { cursor_of: cursorOf }),
    ...(updatedAtMs === undefined ? {} : { cursor_updated_at: toIso(updatedAtMs) }),
    epoch,
    ...(finishedDueMs === undefined ? {} : { finished_due: toIso(finishedDueMs) }),
    ...(openDueMs === undefined ? {} : { open_due: toIso(openDueMs) }),
    ...(resumeInMs === undefined ? {} : { resume_at: toIso(nowMs + resumeInMs) }),
    ...(lease === undefined ? {} : { lease: { owner: lease.owner, lapses_at: toIso(nowMs + lease.lapsesInMs) } }),
    ...(nextDueMs === undefined || isPaused === true ? {} : { next_due: toIso(nextDueMs) }),
    ...(isPaused === true ? { paused: true } : {}),
  };
}

/** A dead letter, in a list or with what was buried. */
export function letterToJson({ key, source, type, reason, buriedAtMs, item, about }: ShownLetter): unknown {
  return {
    key,
    source: formatSourceKey(source),
    type,
    ...about,
    reason,
    buried_at: toIso(buriedAtMs),
    ...(item === undefined ? {} : { item: itemToJson(item) }),
  };
}

/** What waits, or was buried. */
export function itemToJson({ source, receivedAtMs, ...rest }: ShownItem): unknown {
  const episode = rest.type === "episode" ? { episode: episodeToJson(rest.episode) } : {};
  return { ...rest, ...episode, source: formatSourceKey(source), received_at: toIso(receivedAtMs) };
}

/** Its keys are in snake_case, except one of the author's. A dead letter may hold something that is not an episode. */
export function episodeToJson(episode: Episode): unknown {
  const author: unknown = (episode as Partial<Episode> | null)?.author;
  if (typeof author !== "object" || author === null || !("verifiedBy" in author)) return episode;
  const { verifiedBy, ...person } = author;
  return { ...episode, author: { ...person, verified_by: verifiedBy } };
}

/** What `pause` or `resume` did to one entry, and the requests because of which it is paused now, or was until now. */
export function pauseToJson(entry: string, act: "pause" | "resume", { before, after }: PauseChange): unknown {
  return {
    entry,
    result: pauseResult(act, before !== undefined, after !== undefined),
    requests: requestsToJson(after ?? before),
  };
}

function pauseResult(act: "pause" | "resume", wasPaused: boolean, isPaused: boolean): string {
  if (act === "pause") return wasPaused ? "already_paused" : "paused";
  if (isPaused) return "still_paused";
  return wasPaused ? "resumed" : "not_paused";
}

/** How much is done, and how long the rest takes. */
export function remainingToJson(remaining: EntryStatus["remaining"]): Readonly<Record<string, unknown>> {
  if (remaining === undefined) return {};
  return { fraction: remaining.fraction, remaining_ms: remaining.remainingMs, estimated_by: remaining.by };
}

/** Who requested a pause, when and why. */
export function requestsToJson(pause: { readonly requests: readonly PauseRequest[] } | undefined): unknown {
  return (pause?.requests ?? []).map(({ by, atMs, reason }) => ({ ...by, at: toIso(atMs), reason }));
}

/** An action of the audit log. */
export function actionToJson({ atMs, endedAtMs, targetCount, ...action }: RecordedAction): unknown {
  const { id, user, as, command, targets, reason, outcome, error, before, after } = action;
  return {
    id,
    at: toIso(atMs),
    user,
    as,
    command,
    targets,
    target_count: targetCount,
    reason,
    outcome,
    ended_at: endedAtMs === undefined ? undefined : toIso(endedAtMs),
    error,
    before,
    after,
  };
}
