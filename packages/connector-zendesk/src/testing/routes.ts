import {
  integer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderRoute,
  type ProviderRoutes,
  text,
} from "@statewave-connectors/testing/fake-provider";
import type { FakeStep, FakeTicket, HelpDesk } from "./help-desk.ts";
import { auditRow, eventRow, ticketRow } from "./rows.ts";

/** What is not documented, or differs between accounts. */
export interface FakeSettings {
  /** The first event of a ticket says by `Create` what it began with. Default true. */
  readonly creates: boolean;
  /** The ticket export brings users and organizations along. Default true. */
  readonly sideloads: boolean;
  /** A page of events of one second brings the whole second. Default false: the rest of a crowded second is out of reach. */
  readonly wholeSeconds: boolean;
  /** What `per_page` does in the event export. Default `taken`. */
  readonly eventPageSizes: "taken" | "ignored" | "refused";
  /** A page of events with more comments is too large, and answered 504 as by a gateway. Default: none is. */
  readonly mostComments: number;
  /** The status for a cursor that is unknown. Default 422. */
  readonly unknownCursor: 400 | 422;
  /** A deleted ticket has its id, status and times only. Default false: it is whole, but for its status. */
  readonly thinDeleted: boolean;
  /** `show_many` has deleted tickets, with their status. Default false: it leaves them out. */
  readonly showsDeleted: boolean;
  /** Deletions and restorations are audits, and events of the export. Default false. */
  readonly deletionSteps: boolean;
  /** A merged ticket gets the tag `closed_by_merge`. Default true. */
  readonly mergeTags: boolean;
  /** How Zendesk itself is written as the one who did something. Default -1. */
  readonly systemId: number | null;
  /** All brands come at once, without `meta`. Default false. */
  readonly brandsAtOnce: boolean;
  /** So many tickets has a page at most, whatever is requested. Default 1,000. */
  readonly ticketsPerPage: number;
  /** So many events has a page. Default 1,000. */
  readonly eventsPerPage: number;
  /** Requests to the exports in a minute. Default 10. */
  readonly exportsPerMinute: number;
  readonly timeScale: number;
}

const heldBackS = 60;
const mostIds = 100;
const scope = text({ oneOf: ["agent", "ai_agent", "all"] });
const ids = { ids: text({ required: true }) };
const paged = { "page[size]": integer({ min: 1, max: 100 }), "page[after]": text() };

/** The routes that the connector uses. `patches` spoils rows, by id. */
export function zendeskRoutes(
  desk: HelpDesk,
  settings: FakeSettings,
  patches: ReadonlyMap<number, Readonly<Record<string, unknown>>>,
): ProviderRoutes {
  const limited = exportLimit(settings);
  const patched = (row: Readonly<Record<string, unknown>>) => ({ ...row, ...patches.get(Number(row["id"])) });
  const { creates, systemId, thinDeleted, showsDeleted, brandsAtOnce } = settings;
  const event = (step: FakeStep, comments: boolean) => patched(eventRow(step, { comments, creates, systemId }));
  const ticketOf = (ticket: FakeTicket) => patched(ticketRow(ticket, thinDeleted));
  const living = (id: number) => {
    const ticket = desk.tickets.get(id);
    return ticket === undefined || ticket.status === "deleted" ? undefined : ticket;
  };
  return {
    "GET /api/v2/users/me.json": { answer: () => ({ body: { user: desk.users.get(desk.agent) } }) },
    "GET /api/v2/brands.json": {
      query: paged,
      answer: ({ query }) =>
        brandsAtOnce ? { body: { brands: namedRows(desk.brands) } } : { body: pageOf("brands", namedRows(desk.brands), query) },
    },
    "GET /api/v2/users/show_many.json": showMany("users", (id) => desk.users.get(id)),
    "GET /api/v2/organizations/show_many.json": showMany("organizations", (id) => namedRow(desk.organizations, id)),
    "GET /api/v2/tickets/show_many.json": showMany("tickets", (id) => {
      const ticket = showsDeleted ? desk.tickets.get(id) : living(id);
      return ticket && ticketOf(ticket);
    }),
    "GET /api/v2/incremental/tickets/cursor.json": {
      query: {
        start_time: integer(),
        cursor: text(),
        per_page: integer({ min: 1, max: 1_000 }),
        include: text(),
        support_type_scope: scope,
      },
      answer: limited((request) => ticketsPage(request, desk, settings, ticketOf)),
    },
    "GET /api/v2/incremental/ticket_events.json": {
      query: {
        start_time: integer({ required: true }),
        include: text({ oneOf: ["comment_events"] }),
        per_page: integer({ min: 1, max: 1_000 }),
        support_type_scope: scope,
      },
      answer: limited((request) => eventsPage(request, desk, settings, event)),
    },
    "GET /api/v2/tickets/:file": {
      query: { include: text() },
      answer({ params }) {
        const ticket = living(Number.parseInt(params["file"] ?? "", 10));
        return ticket === undefined ? notFound : { body: { ticket: ticketOf(ticket), ...sideloadsOf([ticket], desk) } };
      },
    },
    "GET /api/v2/tickets/:id/audits.json": {
      query: paged,
      answer({ params, query }) {
        if (living(Number(params["id"])) === undefined) return notFound;
        return {
          body: pageOf(
            "audits",
            desk.stepsOf(Number(params["id"])).map((step) => auditRow(step, systemId)),
            query,
          ),
        };
      },
    },
    "GET /api/v2/tickets/:id/audits/:file": {
      answer({ params }) {
        const eventId = Number.parseInt(params["file"] ?? "", 10);
        const step = desk.stepsOf(Number(params["id"])).find(({ id }) => id === eventId);
        return step === undefined ? notFound : { body: { audit: auditRow(step, systemId) } };
      },
    },
  };
}

function showMany(list: string, rowOf: (id: number) => unknown): ProviderRoute {
  return {
    query: ids,
    answer({ query }) {
      const wanted = (query["ids"] ?? "").split(",");
      if (wanted.length > mostIds) return refusal(400, "TooManyIds", `at most ${mostIds} ids`);
      const rows = wanted.map((id) => rowOf(Number(id))).filter((row) => row !== undefined);
      return { body: { [list]: rows, next_page: null, previous_page: null, count: rows.length } };
    },
  };
}

/** At most 100 rows, and where the next ones are. */
function pageOf(list: string, rows: readonly unknown[], query: Readonly<Record<string, string | undefined>>) {
  const from = Number(query["page[after]"] ?? 0);
  const to = from + Number(query["page[size]"] ?? 100);
  const meta = { has_more: to < rows.length, after_cursor: String(to), before_cursor: String(from) };
  return { [list]: rows.slice(from, to), meta };
}

const notFound: ProviderAnswer = { status: 404, body: { error: "RecordNotFound", description: "Not found" } };

function refusal(status: number, error: string, description: string): ProviderAnswer {
  return { status, body: { error, description } };
}

function tooRecent(startS: number, nowMs: number): ProviderAnswer | undefined {
  if (startS <= nowMs / 1_000 - heldBackS) return undefined;
  return refusal(400, "StartTimeTooRecent", "Too recent start_time. Use a start_time older than 60 seconds");
}

function ticketsPage(
  { query, nowMs, headers }: ProviderRequest,
  desk: HelpDesk,
  { sideloads, ticketsPerPage, unknownCursor }: FakeSettings,
  rowOf: (ticket: FakeTicket) => unknown,
): ProviderAnswer {
  const { start_time: start, cursor, include = "" } = query;
  if ((start === undefined) === (cursor === undefined)) return refusal(400, "InvalidValue", "either start_time or cursor");
  const refused = start === undefined ? undefined : tooRecent(Number(start), nowMs);
  if (refused !== undefined) return refused;
  const after = cursor === undefined ? { atS: Number(start), id: 0 } : readCursor(cursor);
  if (after === undefined) return refusal(unknownCursor, "InvalidCursor", "the cursor is invalid");
  const order = desk.ticketsInOrder;
  const from = firstAt(order, ({ updatedS, id }) => updatedS > after.atS || (updatedS === after.atS && id > after.id));
  const end = firstAt(order, ({ updatedS }) => updatedS > nowMs / 1_000 - heldBackS);
  const tickets = order.slice(from, Math.min(end, from + Math.min(ticketsPerPage, Number(query["per_page"] ?? 1_000))));
  const last = tickets.at(-1);
  const after_cursor = last === undefined ? (cursor ?? null) : cursorOf(last);
  const isLast = from + tickets.length >= end;
  return {
    body: {
      tickets: tickets.map(rowOf),
      ...(sideloads && include !== "" && sideloadsOf(tickets, desk)),
      after_cursor,
      after_url: `https://${headers["host"]}/api/v2/incremental/tickets/cursor.json?cursor=${after_cursor}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: isLast,
    },
  };
}

function eventsPage(
  { query, nowMs, headers }: ProviderRequest,
  desk: HelpDesk,
  { eventsPerPage, eventPageSizes, mostComments, wholeSeconds }: FakeSettings,
  row: (step: FakeStep, comments: boolean) => unknown,
): ProviderAnswer {
  const startS = Number(query["start_time"]);
  const refused = tooRecent(startS, nowMs);
  if (refused !== undefined) return refused;
  const size = query["per_page"];
  if (size !== undefined && eventPageSizes === "refused") return refusal(400, "InvalidValue", "per_page is not a parameter");
  const { steps } = desk;
  const from = firstAt(steps, ({ atS }) => atS >= startS);
  const end = firstAt(steps, ({ atS }) => atS > nowMs / 1_000 - heldBackS);
  const lastOf = (to: number) => steps[to - 1]?.atS ?? startS;
  const perPage = eventPageSizes === "taken" ? Math.min(eventsPerPage, Number(size ?? 1_000)) : eventsPerPage;
  const cut = Math.min(end, from + perPage);
  const isOfOneSecond = steps[from]?.atS === lastOf(cut);
  const to =
    wholeSeconds && isOfOneSecond
      ? Math.min(
          end,
          firstAt(steps, ({ atS }) => atS > lastOf(cut)),
        )
      : cut;
  const events = steps.slice(from, Math.max(from, to));
  const end_time = events.at(-1)?.atS ?? startS;
  const comments = query["include"] === "comment_events" ? events.filter(({ comment }) => comment !== undefined).length : 0;
  if (comments > mostComments) return refusal(504, "GatewayTimeout", "the answer took too long");
  return {
    body: {
      ticket_events: events.map((step) => row(step, query["include"] === "comment_events")),
      count: events.length,
      end_time,
      end_of_stream: to >= end,
      next_page: `https://${headers["host"]}/api/v2/incremental/ticket_events.json?start_time=${end_time}`,
    },
  };
}

function sideloadsOf(tickets: readonly FakeTicket[], { users, organizations }: HelpDesk) {
  const people = new Set(tickets.flatMap(({ requesterId, submitterId }) => [requesterId, submitterId]));
  const companies = new Set(tickets.flatMap(({ organizationId }) => (organizationId === null ? [] : [organizationId])));
  return {
    users: [...people].map((id) => users.get(id)).filter((user) => user !== undefined),
    organizations: [...companies].map((id) => namedRow(organizations, id)).filter((row) => row !== undefined),
  };
}

function namedRow(names: ReadonlyMap<number, string>, id: number) {
  const name = names.get(id);
  return name === undefined ? undefined : { id, name };
}

function namedRows(names: ReadonlyMap<number, string>) {
  return [...names].map(([id, name]) => ({ id, name, active: true }));
}

function cursorOf({ updatedS, id }: FakeTicket): string {
  return Buffer.from(JSON.stringify([updatedS, id])).toString("base64url");
}

function readCursor(cursor: string): { readonly atS: number; readonly id: number } | undefined {
  try {
    const [atS, id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as readonly unknown[];
    return typeof atS === "number" && typeof id === "number" ? { atS, id } : undefined;
  } catch {
    return undefined;
  }
}

/** The place of the first row that lies behind; the rows are in order. */
function firstAt<Row>(rows: readonly Row[], isBehind: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && isBehind(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All exports together have one limit, in any minute. */
function exportLimit({ exportsPerMinute, timeScale }: FakeSettings) {
  const minuteMs = 60_000 / timeScale;
  const recent: number[] = [];
  return (answer: (request: ProviderRequest) => ProviderAnswer) =>
    (request: ProviderRequest): ProviderAnswer => {
      const { nowMs } = request;
      while (recent[0] !== undefined && recent[0] <= nowMs - minuteMs) recent.shift();
      const [first] = recent;
      if (first !== undefined && recent.length >= exportsPerMinute) {
        const seconds = Math.max(1, Math.ceil((first + minuteMs - nowMs) / 1_000));
        return {
          ...refusal(429, "TooManyRequests", "Number of allowed incremental export API requests per minute exceeded"),
          headers: { "retry-after": String(seconds) },
        };
      }
      recent.push(nowMs);
      return answer(request);
    };
}
