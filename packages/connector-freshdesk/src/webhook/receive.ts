import type { ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { basic, ignore, type Respond, type Signature, token } from "@statewave-connectors/connector-sdk/signature";
import type { FreshdeskPushOptions } from "../push-options.ts";
import { type FreshdeskDelivery, readDelivery } from "./delivery.ts";

const secretOption = "secret";

/** Freshdesk signs nothing: a rule sends a header of its own, or a user and a password. */
export function signatureOf({ basic_user: user }: Pick<FreshdeskPushOptions, "basic_user">): Signature {
  return user === undefined ? token({ header: "x-statewave-token", secretOption }) : basic({ user, secretOption });
}

/**
 * What a webhook is taken for. It says that a ticket changed, and neither when nor by which reply: with a twin, the twin reads what. Only a
 * deletion is known from webhooks alone.
 */
export function take(request: Pick<ReceivedRequest, "body">, hasTwin: boolean): "episode" | "trigger" | Respond {
  const delivery = readDelivery(request);
  // The sender is known, so something happened, even where a subject has broken the body.
  if (delivery === undefined) return hasTwin ? "trigger" : "episode";
  const word = wordOf(delivery);
  if (word === "deleted" && delivery.ticketId !== undefined) return "episode";
  if (hasTwin) return "trigger";
  // Mapping makes a dead letter of them, which says what body the rule has to send.
  if (delivery.ticketId === undefined || delivery.event === undefined) return "episode";
  return word === undefined ? { ...ignore("type_not_mapped"), event: shownEvent(delivery) } : "episode";
}

export type Word = "created" | "deleted" | "status_changed" | "commented";

/** Freshdesk writes `created`, and of a deletion `delete`. */
const ticketActions: ReadonlyMap<string, Word> = new Map([
  ["created", "created"],
  ["delete", "deleted"],
  ["deleted", "deleted"],
]);

/** What happened, in the words of episodes; undefined: it makes none. */
export function wordOf({ event }: FreshdeskDelivery): Word | undefined {
  switch (event?.name) {
    case "ticket_action":
      return ticketActions.get(event.to);
    case "status":
      return "status_changed";
    case "reply_sent":
      return "commented";
    case "note_type":
      return event.to === "public" ? "commented" : undefined;
    default:
      return undefined;
  }
}

const knownEvents: ReadonlySet<string> = new Set(
  "ticket_action note_type priority group_id responder_id ticket_type due_by customer_feedback time_sheet_action".split(" "),
);

/** It becomes the label of a metric, so one of a few words. */
function shownEvent({ event }: FreshdeskDelivery): string {
  return event !== undefined && knownEvents.has(event.name) ? event.name : "other";
}
