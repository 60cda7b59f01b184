import { ConnectorsError, type Episode, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { type Fields, idField } from "@statewave-connectors/connector-sdk/items";
import type { Scope } from "../episodes/story.ts";
import { toEpisodes } from "../episodes/to-episodes.ts";
import type { Directory, ZendeskNames } from "../names/directory.ts";
import { type RawTicket, storyOf } from "../names/raw-ticket.ts";

/** What an opened entry reads with, by pull and by push. */
export interface OpenedEntry {
  readonly client: ProviderClient;
  readonly directory: Directory;
  readonly scope: Scope;
}

/** More than a page has of anything. */
const mostNames = 10_000;
/** When the memory is full, a ticket that is looked up takes the place of another one, which may be of the same page. */
const ticketRounds = 3;

/** Looks up tickets. An event makes no episode without its ticket, so that every error ends the run. */
export async function ticketsFor(
  { directory }: Pick<OpenedEntry, "directory">,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ZendeskNames> {
  const uses = (names: ZendeskNames) => ids.map((id) => names.ticket(id)).length > 0;
  const { names, error } = await directory.namesFor({ uses, most: mostNames, rounds: ticketRounds, signal });
  if (error !== undefined) throw error;
  return names;
}

/** Looks up the names in some raw tickets. A page waits for them: it is not sent with ids because Zendesk is down. */
export async function namesFor(
  { directory, scope }: Pick<OpenedEntry, "directory" | "scope">,
  make: (names: ZendeskNames) => unknown,
  signal: AbortSignal,
): Promise<ZendeskNames> {
  const uses = (names: ZendeskNames) => {
    make(names);
    return true;
  };
  const { names, error } = await directory.namesFor({ uses, most: mostNames, signal });
  if (!choosesByName(scope)) {
    if (error !== undefined && !isDispensable(error)) throw error;
    return names;
  }
  if (error !== undefined) throw error;
  make({ ...names, brand: (id) => names.brand(id) ?? brandUnread(id) });
  return names;
}

/** A token that may not read people or brands does without their names. */
function isDispensable({ code }: ConnectorsError): boolean {
  return code === "ZENDESK_FORBIDDEN" || code === "ZENDESK_NOT_FOUND";
}

function choosesByName({ brands = [] }: Scope): boolean {
  return !brands.every((brand) => /^\d+$/.test(brand));
}

/** Without its name nothing says whether a brand is wanted. */
function brandUnread(id: string): never {
  throw new ConnectorsError({
    code: "ZENDESK_UNAVAILABLE",
    message: `the brand ${id} could not be looked up`,
    hint: "wait until Zendesk answers for its brands, or name `brands` by their ids",
    retryable: true,
  });
}

/** The page that some raw tickets make. */
export function pageOf(rawTickets: readonly RawTicket[], scope: Scope): Omit<Page, "cursor"> {
  const skipped: Record<string, number> = {};
  const mapped = mapItems(rawTickets, {
    id: rawTicketId,
    map(raw) {
      const made = toEpisodes(storyOf(raw), scope);
      for (const reason of made.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;
      return made.episodes;
    },
  });
  return { ...mapped, ...(Object.keys(skipped).length > 0 && { skipped }) };
}

/** `map` of an entry: what a page makes of a raw ticket. */
export function rawTicketMapper(scope: Scope): (raw: unknown) => readonly Episode[] {
  return (raw) => toEpisodes(storyOf(raw), scope).episodes;
}

/** Its ids: the same item fails once. */
function rawTicketId({ ticket, event }: RawTicket): string {
  if (event === undefined) return `ticket:${requiredId(ticket, "id")}`;
  return `ticket:${requiredId(event, "ticket_id")}:event:${requiredId(event, "id")}`;
}

/** Without its id an item is known by its form. */
function requiredId(fields: Fields, name: string): string {
  const id = idField(fields, name);
  if (id === undefined) throw new RangeError(`no ${name}`);
  return id;
}
