import { type Fields, idField, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { peopleIn } from "../names/raw-ticket.ts";

/** An event as a page holds it until it is mapped: as one text, so that the objects of one delivery exist at a time, and not those of 1,000 events. */
export interface ReadEvent {
  readonly id: string | undefined;
  readonly ticketId: string | undefined;
  /** An empty text where the time cannot be read. */
  readonly at: string;
  /** Who is named in it. */
  readonly people: readonly string[];
  /** It says that it has a comment, and not which: so it comes with a page that was read without comments. */
  readonly lacksComments: boolean;
  readonly text: string;
}

export function toReadEvent(row: Fields): ReadEvent {
  const [id, ticketId] = [idField(row, "id"), idField(row, "ticket_id")];
  const lacksComments = toFieldsList(row["child_events"]).some(
    (child) => child["comment_present"] === true && child["public"] === undefined,
  );
  return {
    id,
    ticketId,
    at: timeOf(row),
    people: peopleIn(row),
    // Without its ids it cannot be fetched.
    lacksComments: lacksComments && id !== undefined && ticketId !== undefined,
    text: JSON.stringify(row),
  };
}

/** The event as Zendesk gave it. */
export function toRow({ text }: ReadEvent): Fields {
  return JSON.parse(text) as Fields;
}

function timeOf({ timestamp }: Fields): string {
  const seconds = typeof timestamp === "string" && /^\d{1,11}$/.test(timestamp) ? Number(timestamp) : timestamp;
  const isTime = typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 253_402_300_800;
  return isTime ? toInstant(seconds * 1_000) : "";
}
