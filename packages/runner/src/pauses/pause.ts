import { type Actor, formatActor } from "../actions/actor.ts";
import type { EntryName } from "../entry-name.ts";
import { isInstant } from "../records/is-instant.ts";

/** A person's request that an entry pauses. */
export interface PauseRequest {
  readonly by: Actor;
  readonly atMs: number;
  readonly reason?: string | undefined;
}

/** A paused entry, with the first request and the last ones. Without any for a record that this release cannot read. */
export interface Pause extends EntryName {
  readonly requests: readonly PauseRequest[];
}

const mostRequests = 5;
const mostReasonCharacters = 500;

/** The requests with another one. */
export function addRequest(requests: readonly PauseRequest[], request: PauseRequest): readonly PauseRequest[] {
  const { by, atMs, reason } = request;
  const added = { by, atMs, ...(reason === undefined ? {} : { reason: reason.slice(0, mostReasonCharacters).toWellFormed() }) };
  if (requests.some((known) => isSame(known, added))) return requests;
  return requests.length < mostRequests ? [...requests, added] : [requests[0]!, ...requests.slice(2), added];
}

export function formatPause({ requests }: Pause): string {
  return JSON.stringify({ requests });
}

/** The readable requests. */
export function parsePauseRequests(text: string): readonly PauseRequest[] {
  try {
    const value = JSON.parse(text) as { readonly requests?: unknown } | null;
    return Array.isArray(value?.requests) ? value.requests.filter(isRequest) : [];
  } catch {
    return [];
  }
}

/** `by ana@build-7: the token is being replaced`, for the first request; empty for a pause without any. */
export function describePause({ requests: [first, ...more] }: Pause): string {
  if (first === undefined) return "";
  const others = more.length === 0 ? "" : `, and ${more.length} more`;
  return `by ${formatActor(first.by)}${others}${first.reason === undefined ? "" : `: ${first.reason}`}`;
}

function isSame(left: PauseRequest, right: PauseRequest): boolean {
  return left.by.user === right.by.user && left.by.as === right.by.as && left.reason === right.reason;
}

function isRequest(value: unknown): value is PauseRequest {
  if (typeof value !== "object" || value === null) return false;
  const { by, atMs, reason } = value as Partial<PauseRequest>;
  const isNamed = typeof by?.user === "string" && (by.as === undefined || typeof by.as === "string");
  return isNamed && isInstant(atMs) && (reason === undefined || typeof reason === "string");
}
