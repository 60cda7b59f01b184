import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import { requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import type { RememberedTicket } from "../names/ticket-facts.ts";
import type { OpenedEntry } from "./opened-entry.ts";
import { fetchEvent } from "./fetch-raw-ticket.ts";
import { type ReadEvent, toReadEvent } from "./read-event.ts";

/** An event with what is remembered of its ticket. */
export type EventOfTicket = readonly [ticket: RememberedTicket, event: ReadEvent];

/** Events with their comments, each of those that lack them fetched by itself; one that Zendesk cannot answer for is a failed item. */
export async function withComments(
  { client }: Pick<OpenedEntry, "client">,
  events: readonly EventOfTicket[],
  signal: AbortSignal,
): Promise<{ readonly events: readonly EventOfTicket[]; readonly failures: readonly FailedItem[] }> {
  const found = new Map<ReadEvent, ReadEvent>();
  const failures: FailedItem[] = [];
  const batches = requestInBatches({
    ids: events.map(([, event]) => event).filter(({ lacksComments }) => lacksComments),
    sizes: [1],
    signal,
    request: async ([{ id = "", ticketId = "" } = {}]) => await fetchEvent({ client }, ticketId, id, signal),
    failedId: eventId,
    probe: () => client.get("users/me.json", { signal, about: "who signs in" }),
  });
  for await (const { ids, answer, failures: broken } of batches) {
    failures.push(...broken);
    for (const event of broken.length > 0 ? [] : ids) {
      if (answer === undefined) failures.push({ id: eventId(event), error: eventUnread(event) });
      else found.set(event, toReadEvent(answer));
    }
  }
  const whole = events.flatMap(([ticket, event]): readonly EventOfTicket[] => {
    const read = event.lacksComments ? found.get(event) : event;
    return read === undefined ? [] : [[ticket, read]];
  });
  return { events: whole, failures };
}

/** What a failed event is known by, and fetched by when it is retried. */
export function eventId({ id = "", ticketId = "" }: ReadEvent): string {
  return `ticket:${ticketId}:event:${id}`;
}

function eventUnread({ id = "", ticketId = "" }: ReadEvent): ConnectorsError {
  return new ConnectorsError({
    code: "ZENDESK_EVENT_UNREAD",
    message: `the comment of the event ${id} of the ticket ${ticketId} could not be fetched`,
    hint: "retry the dead letter: it fetches the event",
  });
}
