import { type Fields, idField, toFields } from "@statewave-connectors/connector-sdk/items";
import { parseJsonBody } from "@statewave-connectors/connector-sdk/signature";

/** What a webhook says, whichever way the rule was written. */
export interface FreshdeskDelivery {
  /** Undefined: it names no ticket, or by something that is no id. */
  readonly ticketId: string | undefined;
  readonly event: TriggeredEvent | undefined;
  readonly fields: Fields;
}

/** The change that made the rule fire; of several at once Freshdesk names the first. */
export interface TriggeredEvent {
  /** `ticket_action`, `status`, `note_type`, `reply_sent`, … */
  readonly name: string;
  /** What it is now: `created`, or the number of a status. */
  readonly to: string;
}

const longestEvent = 500;

/** Undefined: the body is no JSON object, such as one that a subject with a quotation mark has broken. */
export function readDelivery(request: { readonly body: Uint8Array }): FreshdeskDelivery | undefined {
  const body = toFields(parseJsonBody(request));
  if (body === undefined) return undefined;
  // Simple content is wrapped, advanced content is what the rule says.
  const fields = toFields(body["freshdesk_webhook"]) ?? body;
  return { ticketId: idField(fields, "ticket_id"), event: readEvent(fields["triggered_event"]), fields };
}

/** A text of the first of these fields that has one; names of simple content begin with `ticket_`. */
export function textOf({ fields }: FreshdeskDelivery, ...names: readonly string[]): string {
  const found = names.flatMap((name) => [fields[`ticket_${name}`], fields[name]]);
  return found.find((value): value is string => typeof value === "string" && value !== "") ?? "";
}

/** `{ticket_action:created}` and `{status:{from:4,to:6}}`: JSON without quotation marks. */
function readEvent(value: unknown): TriggeredEvent | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.slice(0, longestEvent).replaceAll(/[{}\s"]/g, "");
  const at = text.indexOf(":");
  if (at === -1) return undefined;
  const parts = text.slice(at + 1).split(",");
  const to = parts.map((part) => part.replace(/^to:/, "")).at(-1) ?? "";
  return { name: text.slice(0, at), to };
}
