import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { describePause } from "@statewave-connectors/runner/entries";
import type { EntryCondition, EntryStatus } from "@statewave-connectors/runner/status";
import { foreign, type Html, html } from "../html.ts";
import { lasting } from "./time.ts";

/** Words and the shape before them: not everyone sees the colour. */
const conditions: Readonly<Record<EntryCondition, readonly [shape: string, className: string]>> = {
  failing: ["✕", "bad"],
  standing: ["■", "warn"],
  late: ["▲", "warn"],
  waiting: ["◷", "warn"],
  paused: ["‖", "warn"],
  running: ["▶", "good"],
  new: ["○", "calm"],
  idle: ["●", "good"],
};

export const entryConditions = Object.keys(conditions) as readonly EntryCondition[];

export function conditionBadge(condition: EntryCondition): Html {
  const [shape, className] = conditions[condition] ?? conditions.new;
  return badge(className, shape, condition);
}

export function badge(className: string, shape: string, text: string): Html {
  return html`<span class="badge ${className}"><span aria-hidden="true">${shape}</span> ${text}</span>`;
}

/** The address of an entry's page. */
export function entryPath(direction: string, { kind, name }: SourceKey): string {
  return `/console/sources/${direction}/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
}

export function sourceName(source: SourceKey): Html {
  return foreign(formatSourceKey(source));
}

/** `host:pid` of the owner of a lease. */
export function processOf(owner: string): Html {
  return foreign(owner.split(":").slice(0, 2).join(":"));
}

/** Why an entry stands as it does. */
export function noteOf(entry: EntryStatus, nowMs: number): Html {
  const { condition, pause, error, failures, standing, resumeAtMs, remaining, cursorOf } = entry;
  const parts = [
    ...(cursorOf === undefined ? [] : [html`its cursor belongs to another sink, ${foreign(cursorOf.join(", "))}`]),
    ...(pause === undefined ? [] : [foreign(describePause(pause))]),
    ...(error === undefined ? [] : [html`${foreign(error.message)} <code>${foreign(error.code)}</code>`]),
    ...(failures > 1 ? [html`${failures} failures in a row`] : []),
    ...(standing === undefined ? [] : [html`the cursor stands since ${lasting(nowMs - standing.sinceMs)} while episodes come`]),
    ...(condition === "waiting" && error?.retryAtMs !== undefined
      ? [html`tries again in ${lasting(error.retryAtMs - nowMs)}`]
      : []),
    ...(condition !== "waiting" && resumeAtMs !== undefined && resumeAtMs > nowMs
      ? [html`resumes in ${lasting(resumeAtMs - nowMs)}`]
      : []),
    ...(remaining === undefined
      ? []
      : [html`${Math.floor(remaining.fraction * 100)} % read, about ${lasting(remaining.remainingMs)} left`]),
  ];
  return html`${parts.map((part, index) => (index === 0 ? part : html`; ${part}`))}`;
}
