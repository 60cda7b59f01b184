import { describeError, type Episode } from "@statewave-connectors/connector-sdk";
import type { BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { keptContent } from "./kept-content.ts";

/** A failed item of a page, with an id and in a form that an inbox can keep: it becomes a dead letter. */
export interface CheckedFailedItem extends Pick<BuriedFailedItem, "id" | "raw" | "yielded"> {
  readonly reason: string;
}

/** Replaces an invalid value that a connector yielded. */
const notKept = "not JSON, or too large to be kept";
const maxIdLength = 512;
const maxReasonLength = 2_000;

/** Gathers what failed on one page, each for itself: items without an id of their own get one from their content. */
export class PageFailures {
  readonly #all: CheckedFailedItem[] = [];
  /** Absent until there is one: nearly every page is without a failed item. */
  #madeIds: Map<string, number> | undefined;

  get all(): readonly CheckedFailedItem[] {
    return this.#all;
  }

  /** One of `Page.failures`. A value of another form counts as a failed item, too. */
  add(failed: unknown): void {
    const { id, error, raw } = readFailure(failed);
    const kept = raw === undefined ? undefined : keptContent(raw);
    this.#all.push({
      id: toId(id) ?? this.#makeId(kept?.hash ?? keptContent(describeError(error)).hash),
      reason: describeError(error).slice(0, maxReasonLength),
      ...(kept?.value === undefined ? {} : { raw: kept.value }),
    });
  }

  /** A value that a connector yielded as an episode and that is none. */
  addYielded(yielded: unknown, reason: string): void {
    const { value, hash } = keptContent(yielded);
    this.#all.push({ id: this.#makeId(hash), reason, yielded: value === undefined ? notKept : value });
  }

  /** The same at every reading of the same page; equal content on one page is numbered. */
  #makeId(hash: string): string {
    this.#madeIds ??= new Map();
    const count = (this.#madeIds.get(hash) ?? 0) + 1;
    this.#madeIds.set(hash, count);
    return count === 1 ? `unnamed-${hash}` : `unnamed-${hash}-${count}`;
  }
}

/**
 * Why the runner cannot distinguish this episode from others, or undefined. One that can be distinguished may be refused, buried and sent
 * again by its own key.
 */
export function unnamedReason(episode: unknown): string | undefined {
  if (typeof episode !== "object" || episode === null || Array.isArray(episode))
    return "the connector yielded something that is not an episode";
  try {
    const { subject, idempotency_key: key } = episode as Partial<Record<keyof Episode, unknown>>;
    if (typeof subject !== "string" || subject === "") return "the episode has no subject";
    return typeof key !== "string" || key === "" ? "the episode has no idempotency_key" : undefined;
  } catch (error) {
    return `the episode cannot be read: ${describeError(error).slice(0, maxReasonLength)}`;
  }
}

function readFailure(failed: unknown): { readonly id?: unknown; readonly error: unknown; readonly raw?: unknown } {
  const notOne = new TypeError("the connector listed something as a failed item that is not one");
  if (typeof failed !== "object" || failed === null) return { error: notOne, raw: failed };
  try {
    const { id, error = new Error("the connector gave no reason"), raw } = failed as Partial<Record<string, unknown>>;
    return { id, error, raw };
  } catch {
    return { error: notOne };
  }
}

function toId(id: unknown): string | undefined {
  const text = typeof id === "number" || typeof id === "bigint" ? String(id) : id;
  return typeof text === "string" && text !== "" && text.length <= maxIdLength ? text : undefined;
}
