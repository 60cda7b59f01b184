import type { Received, ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { type Fields, idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { hmac, ignore, parseJsonBody, type Respond } from "@statewave-connectors/connector-sdk/signature";
import * as v from "valibot";
import { Ticket } from "../episodes/records.ts";
import { type Scope, unwantedBecause } from "../episodes/story.ts";
import {
  eventsReportedAlways,
  eventsThatNeedTheTicket,
  knownEvents,
  mappedEvents,
  ticketIdToRead,
  triggerRuleTicketId,
  typeOf,
} from "./envelope.ts";

const tolerance = 5 * 60;

/** https://developer.zendesk.com/documentation/webhooks/verifying/: time and body without a separator, the secret as the text that it is. */
export function signatureWithin(toleranceSeconds: number) {
  return hmac({
    header: "x-zendesk-webhook-signature",
    algorithm: "sha256",
    encoding: "base64",
    timestamp: { header: "x-zendesk-webhook-signature-timestamp", unit: "iso", toleranceSeconds },
    signed: "{timestamp}{body}",
    secretOption: "signing_secret",
  });
}

/** As it is without `max_age`. */
export const signature = signatureWithin(tolerance);

/**
 * The id of an event, the same in each of its deliveries. What a trigger sends has none, and the id of its delivery is not signed: who forges
 * it has a ticket read once more.
 */
export function dedupIdOf(request: ReceivedRequest): string | undefined {
  const body = toFields(parseJsonBody(request));
  return triggerRuleTicketId(body) !== undefined ? request.headers["x-zendesk-webhook-invocation-id"] : stringField(body, "id");
}

const longestId = 255;

/** Without credentials a webhook whose ticket has to be read makes the twin read, which has its own. */
export function receiveForTwin(request: ReceivedRequest, scope: Scope): Received {
  const given = dedupIdOf(request) ?? "";
  const id = given === "" || given.length > longestId ? {} : { id: given };
  if (ticketIdToRead(toFields(parseJsonBody(request))) !== undefined) return { type: "trigger", ...id };
  return respond(request, scope, true) ?? { type: "event", ...id };
}

/** Answers what is signed and not wanted, so that it never touches the disk. What cannot be judged is stored, and ends where people see it. */
export function respond(request: ReceivedRequest, scope: Scope, canRead: boolean): Respond | undefined {
  const body = toFields(parseJsonBody(request));
  const type = typeOf(body);
  if (body === undefined || type === undefined) return undefined;
  if (canRead && eventsThatNeedTheTicket.has(type)) return undefined;
  if (!mappedEvents.has(type)) {
    return { ...ignore("type_not_mapped"), event: knownEvents.has(type) ? type : "other" };
  }
  if (isNote(type, body) && !scope.internal_notes) return { ...ignore("internal_note"), event: type };
  const ticket = v.safeParse(Ticket, body["detail"]);
  if (!ticket.success) return undefined;
  // Brands that are chosen by name take a look-up.
  const brands = scope.brands?.every((brand) => /^\d+$/.test(brand)) === true ? scope.brands : undefined;
  const names = { users: [], organizations: [], brands: [] };
  return unwantedBecause({ ticket: ticket.output, names }, { ...scope, brands }, !eventsReportedAlways.has(type)) === undefined
    ? undefined
    : { ...ignore("not_wanted"), event: type };
}

function isNote(type: string, body: Fields): boolean {
  const comment = toFields(toFields(body["event"])?.["comment"]);
  if (type === "ticket.comment_added") return comment?.["is_public"] === false;
  const attachment = type === "ticket.attachment_linked_to_comment" ? toFields(comment?.["attachment"]) : undefined;
  const detail = toFields(body["detail"]);
  return attachment?.["is_public"] === false && idField(detail, "actor_id") !== idField(detail, "requester_id");
}
