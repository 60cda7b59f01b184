import type { Author } from "@statewave-connectors/connector-sdk";
import { cleanText, oneLine } from "@statewave-connectors/connector-sdk/text";

/** `provenance.author`. */
export interface WireAuthor {
  readonly name: string;
  readonly kind: Author["kind"];
  readonly verified_by?: string;
}

/** `metadata.outcome`, which Statewave renders. */
export interface WireOutcome {
  readonly status: string;
  readonly reason?: string;
}

const kinds: readonly unknown[] = ["self", "member", "external", "bot", "anonymous"] satisfies readonly Author["kind"][];
const maxNameLength = 256;
const maxWordLength = 64;
const maxReasonLength = 512;

/**
 * An author on one line, cut to length; undefined for what is none. A kind that is none counts as `anonymous`, and nothing vouches for it: what
 * is not understood must not be trusted.
 */
export function toWireAuthor(author: unknown): WireAuthor | undefined {
  const { name, kind, verifiedBy } = fieldsOf(author);
  const shownName = shortLine(name, maxNameLength);
  if (shownName === undefined && kind === undefined) return undefined;
  const isKnown = kinds.includes(kind);
  const vouched = isKnown ? shortLine(verifiedBy, maxNameLength) : undefined;
  return {
    name: shownName ?? "unknown",
    kind: isKnown ? (kind as Author["kind"]) : "anonymous",
    ...(vouched === undefined ? {} : { verified_by: vouched }),
  };
}

/** An outcome on one line, cut to length; undefined for what has no status. */
export function toWireOutcome(outcome: unknown): WireOutcome | undefined {
  const { status, reason } = fieldsOf(outcome);
  const word = shortLine(status, maxWordLength);
  if (word === undefined) return undefined;
  const because = shortLine(reason, maxReasonLength);
  return { status: word, ...(because === undefined ? {} : { reason: because }) };
}

/** Clean text on one line, at most so many characters; undefined when nothing is left. */
export function shortLine(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const line = oneLine(cleanText(value)).slice(0, maxLength).toWellFormed();
  return line === "" ? undefined : line;
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value : {};
}
