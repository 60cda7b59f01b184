import {
  integer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderRoute,
  type ProviderRoutes,
  text,
} from "@statewave-connectors/testing/fake-provider";
import type { DeskHabits, FakeDesk, FakeTicket, Json } from "./desk.ts";
import { Credits, type FreshdeskLimit } from "./limits.ts";

/** What no document settles: a connector must manage both. */
export interface FreshdeskSettings extends DeskHabits {
  /** Whether lists have a `Link` header. Default true. */
  readonly hasLinks?: boolean;
  /** Whether the last page links to one behind it, which is empty. Default false. */
  readonly linksBehindLast?: boolean;
  /** Whether lists have descriptions without `include`, as those of old accounts. Default false. */
  readonly alwaysDescribes?: boolean;
  /** Which times `stats` has: the three of the documentation, or the eight that accounts show. Default `observed`. */
  readonly stats?: "documented" | "observed";
  /** Whether `updated_since` and `created_since` mean "after" instead of "at or after". Default false. */
  readonly isExclusive?: boolean;
  /** In which order ratings are listed. Default `descending`. */
  readonly ratings?: "ascending" | "descending";
  /** How many credits each `include` costs besides the request. Default 2. */
  readonly includeCredits?: number;
  /** Whether ids come as texts. Default false. */
  readonly hasTextIds?: boolean;
  /** Default: none. */
  readonly limit?: FreshdeskLimit;
  /** Minutes of the limit are so many times as short. Default 1. */
  readonly timeScale?: number;
  /** The account has a plan without the API. */
  readonly isFree?: boolean;
  /** Whether the plan has satisfaction surveys. Default true. */
  readonly hasSurveys?: boolean;
  /** What the agent of the key may not list: `agents`, `companies`, `contacts`, `conversations`, `ratings`, `ticket_fields`, `tickets`. */
  readonly forbidden?: readonly string[];
}

const lastPage = 300;
const listedForMs = 30 * 86_400_000;
const documentedStats: ReadonlySet<string> = new Set(["resolved_at", "closed_at", "first_responded_at"]);
const per_page = integer({ min: 1, max: 100 });
const paging = { page: integer({ min: 1 }), per_page };
const include = text();

/** Freshdesk's API of one account, as far as the connector goes, strict about what it documents. */
export function freshdeskRoutes(desk: FakeDesk, settings: FreshdeskSettings, onRequest: (asked: string) => void): ProviderRoutes {
  const credits = new Credits(settings.limit, settings.timeScale ?? 1);
  const shown = new Shown(desk, settings);
  const route = (
    query: ProviderRoute["query"],
    answer: (request: ProviderRequest) => ProviderAnswer,
    right = "",
  ): ProviderRoute => ({
    ...(query !== undefined && { query }),
    answer(request) {
      const includes = (request.query["include"] ?? "").split(",").filter((part) => part !== "");
      const isList = right === "tickets";
      const cost = 1 + includes.length * (settings.includeCredits ?? 2);
      return credits.take(request.nowMs, cost, isList, () => {
        if (settings.isFree === true)
          return refusal(403, "require_feature", "The API feature is not supported in your plan. Please upgrade.");
        if (settings.hasSurveys === false && right === "ratings")
          return refusal(403, "require_feature", "The Surveys feature(s) is/are not supported in your plan.");
        if (settings.forbidden?.includes(right) === true)
          return refusal(403, "access_denied", "You are not authorized to perform this action.");
        return answer(request);
      });
    },
  });
  const one = (rows: ReadonlyMap<number, Json>, right: string) =>
    route({}, ({ params }) => found(shown.row(rows.get(Number(params["id"])))), right);
  const routes: ProviderRoutes = {
    "GET /api/v2/agents/me": route({}, () => found(shown.row([...desk.agents.values()][0]))),
    "GET /api/v2/agents": route(paging, (request) => shown.page(request, [...desk.agents.values()]), "agents"),
    "GET /api/v2/agents/:id": one(desk.agents, "agents"),
    "GET /api/v2/contacts": route(paging, (request) => shown.page(request, [...desk.contacts.values()]), "contacts"),
    "GET /api/v2/contacts/:id": one(desk.contacts, "contacts"),
    "GET /api/v2/companies": route(paging, (request) => shown.page(request, [...desk.companies.values()]), "companies"),
    "GET /api/v2/companies/:id": one(desk.companies, "companies"),
    "GET /api/v2/ticket_fields": route(
      { type: text({ oneOf: ["default_status"] }) },
      () => ({ body: [{ id: 1, name: "status", type: "default_status", choices: Object.fromEntries(desk.statuses) }] }),
      "ticket_fields",
    ),
    "GET /api/v2/surveys/satisfaction_ratings": route(
      { ...paging, created_since: text() },
      (request) => shown.ratings(request),
      "ratings",
    ),
    "GET /api/v2/tickets": route(
      {
        ...paging,
        updated_since: text(),
        order_by: text({ oneOf: ["created_at", "due_by", "updated_at", "status"] }),
        order_type: text({ oneOf: ["asc", "desc"] }),
        include,
      },
      (request) => shown.tickets(request),
      "tickets",
    ),
    "GET /api/v2/tickets/:id": route({ include }, ({ params, query }) => shown.ticket(Number(params["id"]), query["include"])),
    "GET /api/v2/tickets/:id/conversations": route(paging, (request) => shown.conversations(request), "conversations"),
    "GET /api/v2/tickets/:id/satisfaction_ratings": route(
      paging,
      (request) =>
        shown.page(
          request,
          desk.ratings.filter(({ ticket_id: id }) => id === Number(request.params["id"])),
        ),
      "ratings",
    ),
  };
  const noted = Object.entries(routes).map(([key, taken]) => {
    const answer = (request: ProviderRequest) => {
      onRequest(askedBy(key, request));
      return taken.answer(request);
    };
    return [key, { ...taken, answer }] as const;
  });
  return Object.fromEntries(noted);
}

/** `GET /api/v2/tickets?page=1` */
function askedBy(key: string, { params, query }: ProviderRequest): string {
  const path = Object.entries(params).reduce((filled, [name, value]) => filled.replace(`:${name}`, value), key);
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  );
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** What answers show of the desk. */
class Shown {
  readonly #desk: FakeDesk;
  readonly #settings: FreshdeskSettings;

  constructor(desk: FakeDesk, settings: FreshdeskSettings) {
    this.#desk = desk;
    this.#settings = settings;
  }

  tickets(request: ProviderRequest): ProviderAnswer {
    const { updated_since: since, order_by, order_type = "desc" } = request.query;
    const problem = instantProblem("updated_since", since) ?? includeProblem(request.query["include"], listIncludes);
    if (problem !== undefined) return problem;
    const all = this.#desk.sorted();
    const listed =
      since === undefined
        ? all.filter(({ created_at: at }) => Date.parse(at) > request.nowMs - listedForMs)
        : all.slice(this.#firstAt(all, Date.parse(since)));
    const rows = listed.filter(({ spam }) => spam !== true);
    const ordered = order_by === "updated_at" ? rows : rows.toSorted((left, right) => left.id - right.id);
    return this.page(request, order_type === "asc" ? ordered : ordered.toReversed(), (row) =>
      this.#ticket(row as FakeTicket, request.query["include"], false),
    );
  }

  ticket(id: number, includes: string | undefined): ProviderAnswer {
    const ticket = this.#desk.tickets.get(id);
    const problem = includeProblem(includes, ticketIncludes);
    if (problem !== undefined) return problem;
    return found(ticket === undefined ? undefined : this.#ticket(ticket, includes, true));
  }

  conversations(request: ProviderRequest): ProviderAnswer {
    const id = Number(request.params["id"]);
    return this.#desk.tickets.has(id) ? this.page(request, this.#desk.conversations.get(id) ?? []) : found(undefined);
  }

  ratings(request: ProviderRequest): ProviderAnswer {
    const { created_since: since } = request.query;
    const problem = instantProblem("created_since", since);
    if (problem !== undefined) return problem;
    const sinceMs = since === undefined ? -Infinity : Date.parse(since);
    const rows = this.#desk.ratings.filter(({ created_at: at }) => this.#isSince(Date.parse(String(at)), sinceMs));
    return this.page(request, this.#settings.ratings === "ascending" ? rows : rows.toReversed());
  }

  /** A page of a list: a bare array, and a link to the next one. */
  page({ query, headers }: ProviderRequest, rows: readonly Json[], show = (row: Json) => this.row(row)): ProviderAnswer {
    const size = Number(query["per_page"] ?? 30);
    const page = Number(query["page"] ?? 1);
    if (page > lastPage) return validationFailed("page", `It should be a Positive Integer less than or equal to ${lastPage}`);
    const body = rows.slice((page - 1) * size, page * size).map((row) => show(row));
    const isLast = page * size >= rows.length;
    const linksOn = !isLast || (this.#settings.linksBehindLast === true && body.length > 0);
    if (!linksOn || this.#settings.hasLinks === false) return { body };
    const next = new URLSearchParams({ ...query, page: String(page + 1) });
    return { body, headers: { link: `<http://${headers["host"]}/elsewhere?${next.toString()}>; rel="next"` } };
  }

  row(row: Json | undefined): Json | undefined;
  row(row: Json): Json;
  row(row: Json | undefined): Json | undefined {
    if (row === undefined || this.#settings.hasTextIds !== true) return row;
    return Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        /^id$|_id$/.test(key) && typeof value === "number" ? String(value) : value,
      ]),
    );
  }

  #ticket(ticket: FakeTicket, includes = "", isWhole: boolean): Json {
    const { description, description_text, stats, ...rest } = ticket;
    const has = new Set(includes.split(","));
    const requester = this.#desk.contacts.get(ticket.requester_id);
    const times = Object.entries(stats).filter(([name]) => this.#settings.stats !== "documented" || documentedStats.has(name));
    return {
      ...this.row(rest),
      ...((isWhole || has.has("description") || this.#settings.alwaysDescribes === true) && { description, description_text }),
      ...(has.has("stats") && { stats: Object.fromEntries(times) }),
      ...(has.has("requester") &&
        requester !== undefined && {
          requester: this.row({
            id: requester["id"],
            name: requester["name"],
            email: requester["email"],
            mobile: null,
            phone: null,
          }),
        }),
    };
  }

  #firstAt(sorted: readonly FakeTicket[], sinceMs: number): number {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (this.#isSince(Date.parse(sorted[middle]?.updated_at ?? ""), sinceMs)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  #isSince(atMs: number, sinceMs: number): boolean {
    return this.#settings.isExclusive === true ? atMs > sinceMs : atMs >= sinceMs;
  }
}

const listIncludes = ["requester", "stats", "description"];
const ticketIncludes = ["requester", "stats", "conversations", "company"];

function includeProblem(given: string | undefined, allowed: readonly string[]): ProviderAnswer | undefined {
  if (given === undefined || given.split(",").every((part) => allowed.includes(part))) return undefined;
  return validationFailed("include", `It should be one of these values: '${allowed.join(",")}'`);
}

function instantProblem(field: string, given: string | undefined): ProviderAnswer | undefined {
  if (given === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(given)) return undefined;
  return validationFailed(field, "It should be a/an valid date in the 'combined date and time ISO8601' format");
}

function validationFailed(field: string, message: string): ProviderAnswer {
  return { status: 400, body: { description: "Validation failed", errors: [{ field, message, code: "invalid_value" }] } };
}

function refusal(status: number, code: string, message: string): ProviderAnswer {
  return { status, body: { code, message } };
}

/** A 404 of Freshdesk has no body. */
function found(body: Json | undefined): ProviderAnswer {
  return body === undefined ? { status: 404 } : { body };
}
