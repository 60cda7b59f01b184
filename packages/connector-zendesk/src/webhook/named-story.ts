import type { Story } from "../episodes/story.ts";
import { dossierOf } from "../names/dossier.ts";
import { type Desk, namesFor } from "../pull/desk.ts";

/** The story of an event with the names that it does not bring along. */
export async function withNames(desk: Desk, story: Story, signal: AbortSignal): Promise<Story> {
  const { ticket, happenings, names: own } = story;
  const people = happenings.flatMap((happening) => ("by" in happening ? [{ author_id: happening.by }] : []));
  const make = (known: Parameters<typeof dossierOf>[2]) => dossierOf(ticket, { child_events: people }, known);
  const { names } = make(await namesFor(desk, make, signal));
  return { ...story, names: { ...names, users: [...names.users, ...own.users] } };
}
