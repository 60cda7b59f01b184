import { idField } from "@statewave-connectors/connector-sdk/items";
import { ConnectorsError, type Episode, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import type { Fields } from "@statewave-connectors/connector-sdk/items";
import type { Scope } from "../episodes/story.ts";
import { toEpisodes } from "../episodes/to-episodes.ts";
import type { Directory, ZendeskNames } from "../names/directory.ts";
import { type Dossier, storyOf } from "../names/dossier.ts";

/** What an entry reads with, whatever it reads. */
export interface Desk {
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
  { directory }: Pick<Desk, "directory">,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ZendeskNames> {
  const uses = (names: ZendeskNames) => ids.map((id) => names.ticket(id)).length > 0;
  const { names, error } = await directory.namesFor({ uses, most: mostNames, rounds: ticketRounds, signal });
  if (error !== undefined) throw error;
  return names;
}

/** Looks up the names in some dossiers. A page waits for them: it is not sent with ids because Zendesk is down. */
export async function namesFor(
  { directory, scope }: Pick<Desk, "directory" | "scope">,
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

/** The page that some dossiers make. */
export function pageOf(dossiers: readonly Dossier[], scope: Scope): Omit<Page, "cursor"> {
  const skipped: Record<string, number> = {};
  const mapped = mapItems(dossiers, {
    id: dossierId,
    map(dossier) {
      const told = toEpisodes(storyOf(dossier), scope);
      for (const reason of told.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;
      return told.episodes;
    },
  });
  return { ...mapped, ...(Object.keys(skipped).length > 0 && { skipped }) };
}

/** `map` of an entry: what a page makes of a dossier. */
export function episodesOfDossier(scope: Scope): (raw: unknown) => readonly Episode[] {
  return (raw) => toEpisodes(storyOf(raw), scope).episodes;
}

/** Known by its ids: the same item fails once. */
function dossierId({ ticket, event }: Dossier): string {
  if (event === undefined) return `ticket:${requiredId(ticket, "id")}`;
  return `ticket:${requiredId(event, "ticket_id")}:event:${requiredId(event, "id")}`;
}

/** Without its id an item is known by its form. */
function requiredId(fields: Fields, name: string): string {
  const id = idField(fields, name);
  if (id === undefined) throw new RangeError(`no ${name}`);
  return id;
}
