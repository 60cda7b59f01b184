import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { Delivery } from "../delivery/delivery.ts";
import { mountPath, type OpenedPush } from "../push/opened-push.ts";
import { bindingHint, type ForeignCursor } from "../sink-binding/sink-binding.ts";
import { formatActor } from "../actions/actor.ts";
import type { Pause } from "../pauses/pause.ts";
import type { HealthPart, PausedEntry, ReceiversPart, SinkPart, SourcesPart, UnhealthySource } from "./health-report.ts";
import type { EntryHealth } from "./sources/entry-health.ts";
import type { WriteHealth } from "./stores/write-health.ts";

/** At most so many are listed one by one: a thousand sources that share one token would make each answer 300 kB long. */
const maxListed = 50;

/** A store that takes no writes. */
export function unwritable({ reason }: Pick<WriteHealth, "reason">): HealthPart {
  return { status: "down", detail: `cannot be written to: ${reason ?? "a write failed"}` };
}

/** Foreign cursors degrade the sink as an outage does: it lacks episodes. */
export function withForeignCursors(sink: HealthPart, foreign: readonly ForeignCursor[]): SinkPart {
  if (foreign.length === 0) return sink;
  const sources = foreign.slice(0, maxListed).map(({ source }) => source);
  const more = foreign.length > sources.length ? ` and ${foreign.length - sources.length} more` : "";
  const sinks = [...new Set(foreign.flatMap((cursor) => cursor.sinks))].join("; ");
  const detail = `${sink.detail}; the cursors of ${sources.join(", ")}${more} belong to another sink (${sinks}): ${bindingHint}`;
  return { status: "degraded", detail, delivery: sink };
}

/** The mounted receivers. */
export function describeReceivers(pushes: readonly OpenedPush[], basePath: string | undefined): ReceiversPart {
  const paths = pushes.slice(0, maxListed).map((push) => mountPath(push, basePath));
  return { status: "ok", detail: `${pushes.length} mounted`, paths };
}

/** The sources that are known to be unhealthy, and those that are paused. */
export function describeSources(entries: readonly EntryHealth[], pauses: readonly Pause[] = []): SourcesPart {
  const { detail, ...part } = describeUnhealthy(entries);
  if (pauses.length === 0) return { ...part, detail };
  return { ...part, detail: `${detail}; ${pauses.length} paused`, paused: pauses.slice(0, maxListed).map(toPausedEntry) };
}

function toPausedEntry({ direction, source, requests: [first] }: Pause): PausedEntry {
  const entry = `${direction} ${formatSourceKey(source)}`;
  if (first === undefined) return { entry };
  const { by, atMs, reason } = first;
  return {
    entry,
    since: new Date(atMs).toISOString(),
    by: maskSecrets(formatActor(by)),
    ...(reason === undefined ? {} : { reason: maskSecrets(reason) }),
  };
}

function describeUnhealthy(entries: readonly EntryHealth[]): SourcesPart {
  const unhealthy = entries.flatMap(({ direction, source, state }): UnhealthySource[] => {
    if (state.status !== "unhealthy") return [];
    const { code, message, hint, sinceMs } = state;
    return [{ entry: `${direction} ${formatSourceKey(source)}`, since: new Date(sinceMs).toISOString(), code, message, hint }];
  });
  if (unhealthy.length === 0) return { status: "ok", detail: "none is known to be unhealthy" };
  return { status: "degraded", detail: `${unhealthy.length} unhealthy`, unhealthy: unhealthy.slice(0, maxListed) };
}

/** The sink, as the last attempts left it. */
export function describeSink(
  description: string,
  delivery: Pick<Delivery, "state" | "nextAttemptAtMs">,
  nowMs: number,
): HealthPart {
  const { status, tried, sinceMs, reason, hint } = delivery.state;
  if (!tried) return { status: "unknown", detail: `${description} was not tried yet` };
  if (status === "up") return { status: "ok", detail: description };
  const since = `${description} is ${status} since ${new Date(sinceMs).toISOString()}`;
  const { nextAttemptAtMs } = delivery;
  const nextInMs = nextAttemptAtMs === undefined ? undefined : Math.max(0, nextAttemptAtMs - nowMs);
  const next = nextInMs === undefined ? undefined : `next attempt in ${Math.ceil(nextInMs / 1000)} s`;
  return { status: "degraded", detail: maskSecrets([since, reason, hint, next].filter((part) => part !== undefined).join(": ")) };
}
