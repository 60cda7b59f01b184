import { type Fields, idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
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
  // Simple content is wrapped. Advanced content is what the rule says: often the placeholders by their names, with an object for the ticket.
  const ticket = toFields(body["ticket"]);
  const fields = toFields(body["freshdesk_webhook"]) ?? { ...body, ...ticket };
  return {
    // Elsewhere than in a ticket `id` may be that of anything.
    ticketId: idField(fields, "ticket_id") ?? idField(fields, "ticketId") ?? idField(ticket, "id"),
    event: readEvent(fields["triggered_event"] ?? body["triggered_event"]),
    fields,
  };
}

/** The name of the customer, who is called the requester or the contact. */
export function customerOf(delivery: FreshdeskDelivery): string {
  const nested = ["requester", "contact"].map((who) => stringField(toFields(delivery.fields[who]), "name"));
  return textOf(delivery, "requester_name", "contact_name") || (nested.find((name) => name !== undefined) ?? "");
}

/** A text of the first of these fields that has one; names of simple content begin with `ticket_`. */
export function textOf({ fields }: FreshdeskDelivery, ...names: readonly string[]): string {
  const found = names.flatMap((name) => [fields[`ticket_${name}`], fields[name]]);
  return found.find((value): value is string => typeof value === "string" && value !== "") ?? "";
}

/** `{ticket_action:created}` and `{status:{from:4,to:6}}`: JSON without quotation marks, or with them. */
function readEvent(value: unknown): TriggeredEvent | undefined {
  const given = toFields(value) === undefined ? value : JSON.stringify(value);
  if (typeof given !== "string") return undefined;
  const text = given.slice(0, longestEvent).replaceAll(/[{}\s"]/g, "");
  const at = text.indexOf(":");
  if (at === -1) return undefined;
  const parts = text.slice(at + 1).split(",");
  const to = parts.map((part) => part.replace(/^to:/, "")).at(-1) ?? "";
  return { name: text.slice(0, at), to };
}
