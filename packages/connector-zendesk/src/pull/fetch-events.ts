import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import { isOverloaded, type KeysetRead, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { exportLane } from "../client.ts";
import type { OpenedEntry } from "./opened-entry.ts";
import { type Export, startTime } from "./export.ts";
import { type ReadEvent, toReadEvent } from "./read-event.ts";

const EventsPage = v.looseObject({ ticket_events: v.array(v.unknown()), end_of_stream: v.boolean() });

/** A page of the export has 1,000 events; where one has more, they are of one second, and Zendesk added the rest of it. */
const mostOnPage = 1_000;
/** Zendesk takes `per_page` here, too, and does not promise it: a page that is too large even so is read without its comments. */
export const eventSizes = [mostOnPage, 250];
const [, smallest = 1] = eventSizes;

/** A page of the export. */
interface EventsRequest {
  /** Where it begins, epoch seconds. */
  readonly from: number;
  readonly size: number;
  /** Without their comments 1,000 events fit into any answer. */
  readonly hasComments: boolean;
}

/** The events from an instant on. Those of a page that is too large come without the words of their comments. */
export async function fetchEvents(
  opened: OpenedEntry,
  read: Export,
  { since, size }: { readonly since: string | undefined; readonly size: number },
  signal: AbortSignal,
): Promise<KeysetRead<ReadEvent>> {
  const seconds = since === undefined ? 0 : Math.ceil(Date.parse(since) / 1_000);
  const at = toInstant(seconds * 1_000);
  const { page: requested, size: given } = await fetchFitting(opened, read, { from: seconds, size, hasComments: true }, signal);
  if (!isOfOneSecond(requested, at)) return requested;
  // One second fills the page. A longer one holds all of it; else only a page of full size shows whether it has more than Zendesk gives.
  const isWhole = requested.rows.length > given && requested.rows.length !== mostOnPage;
  const first =
    isWhole || given === mostOnPage
      ? requested
      : await fetchPage(opened, read, { from: seconds, size: mostOnPage, hasComments: false }, signal);
  if (!isOfOneSecond(first, at)) return first;
  // No request reaches what a page that is not longer leaves of its second.
  const isReached = isWhole || first.rows.length > mostOnPage;
  const failures = isReached ? [] : [{ id: `events:${at}`, error: crowdedSecond(at) }];
  const next = await fetchFitting(opened, read, { from: seconds + 1, size, hasComments: true }, signal);
  return { ...next.page, rows: [...first.rows, ...next.page.rows], failures };
}

/** A page, and the size that it was requested with in the end. */
interface FittingPage {
  readonly page: KeysetRead<ReadEvent>;
  readonly size: number;
}

/** A page of a smaller size is the last attempt to have the comments with it. */
async function fetchFitting(
  opened: OpenedEntry,
  read: Export,
  request: EventsRequest,
  signal: AbortSignal,
): Promise<FittingPage> {
  const { size } = request;
  try {
    return { page: await fetchPage(opened, read, request, signal), size };
  } catch (error) {
    const isTooLarge = isOverloaded(error) || isProviderError(error, "refused");
    if (size > smallest || !isTooLarge) throw error;
    const page = await fetchPage(opened, read, { ...request, size: mostOnPage, hasComments: false }, signal);
    return { page, size: mostOnPage };
  }
}

async function fetchPage(
  { client }: OpenedEntry,
  { context, support_type_scope }: Export,
  { from, size, hasComments }: EventsRequest,
  signal: AbortSignal,
): Promise<KeysetRead<ReadEvent>> {
  const query = {
    start_time: startTime(from, context),
    per_page: size === mostOnPage ? undefined : size,
    include: hasComments ? "comment_events" : undefined,
    support_type_scope,
  };
  const { body, dateMs } = await client.get("incremental/ticket_events.json", {
    query,
    signal,
    schema: EventsPage,
    lane: exportLane,
    about: "the ticket events",
  });
  return { rows: body.ticket_events.map((row) => toReadEvent(toFields(row) ?? { row })), hasMore: !body.end_of_stream, dateMs };
}

/** A row without a time neither ends a second nor leads behind it. */
function isOfOneSecond({ rows, hasMore }: KeysetRead<ReadEvent>, at: string): boolean {
  const timed = rows.filter((row) => row.at !== "");
  return hasMore === true && timed.length > 0 && timed.every((row) => row.at === at);
}

function crowdedSecond(at: string): ConnectorsError {
  return new ConnectorsError({
    code: "ZENDESK_SECOND_CROWDED",
    message: `a page of the export ends within ${at}, and the rest of that second is out of reach`,
    hint: "discard the dead letter; what is missing are changes of many tickets at once, such as a bulk update",
  });
}
