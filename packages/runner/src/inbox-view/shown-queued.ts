import type { QueuedItem } from "@statewave-connectors/connector-sdk/inbox";
import type { Privacy } from "../privacy/privacy.ts";
import { type ShownItem, toShownItem } from "./shown-letter.ts";

/** An inbox item as it is shown: redacted as a dead letter is, and cut. */
export interface ShownQueued extends Omit<QueuedItem, "item"> {
  readonly item?: ShownItem;
  /** Characters of the body, where only its beginning is shown. */
  readonly bodyCharacters?: number;
}

/** As it stands in a list. */
export function withoutItem(queued: QueuedItem): ShownQueued {
  const { item: _, ...listed } = queued;
  return listed;
}

const mostBodyCharacters = 16 * 1024;

/** The item as it is shown, by the process that read it and over the control socket alike. */
export function toShownQueued({ item, ...queued }: QueuedItem, privacy: Pick<Privacy, "redactItem">): ShownQueued {
  if (item === undefined) return queued;
  return { ...queued, ...cutBody(toShownItem(privacy.redactItem(queued.source, item))) };
}

function cutBody(item: ShownItem): Pick<ShownQueued, "item" | "bodyCharacters"> {
  if ("body" in item && item.body.length > mostBodyCharacters)
    return { item: { ...item, body: item.body.slice(0, mostBodyCharacters).toWellFormed() }, bodyCharacters: item.body.length };
  if ("body_base64" in item && item.body_base64.length > mostBodyCharacters)
    return {
      item: { ...item, body_base64: item.body_base64.slice(0, mostBodyCharacters) },
      bodyCharacters: item.body_base64.length,
    };
  return { item };
}
