import * as v from "valibot";
import type { Happening } from "./happening.ts";
import { type Ticket, User } from "./records.ts";

const Named = v.object({ id: v.string(), name: v.string() });

/** What is known of those that a ticket names by id. Lists, because objects with keys like numbers are slow. */
export const KnownNames = v.object({
  users: v.array(v.object({ id: v.string(), ...User.entries })),
  organizations: v.array(Named),
  brands: v.array(Named),
});

export type KnownNames = v.InferOutput<typeof KnownNames>;

/** What happened to a ticket, with everything that its episodes show. */
export interface Story {
  readonly ticket: Ticket;
  readonly happenings: readonly Happening[];
  readonly names: KnownNames;
}

/** What an entry keeps, and how it names it. */
export interface Scope {
  readonly subdomain: string;
  readonly subject_by: "requester" | "organization" | "ticket";
  readonly internal_notes: boolean;
  readonly brands?: readonly string[] | undefined;
  readonly statuses?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** The name that a list has for an id. */
export function nameIn(list: KnownNames["brands"], id: string | undefined): string | undefined {
  return list.find((each) => each.id === id)?.name;
}

/** Why an entry leaves a ticket out; undefined: it keeps it. `hasStatus`: the ticket is judged by its status, too. */
export function unwantedBecause(
  { ticket, names }: Omit<Story, "happenings">,
  { brands, statuses, tags }: Scope,
  hasStatus: boolean,
): string | undefined {
  const { brand_id: brand = "", status } = ticket;
  const brandNames = [brand, nameIn(names.brands, brand) ?? brand];
  if (brands !== undefined && !brandNames.some((each) => brands.includes(each))) return "other_brand";
  if (hasStatus && statuses !== undefined && !statuses.includes(status)) return "other_status";
  return tags === undefined || hasOneOf(ticket.tags, tags) ? undefined : "other_tags";
}

/** Zendesk writes tags in lower case, whatever people type. */
function hasOneOf(given: readonly string[], wanted: readonly string[]): boolean {
  const tags = new Set(wanted.map((tag) => tag.toLowerCase()));
  return given.some((tag) => tags.has(tag.toLowerCase()));
}
