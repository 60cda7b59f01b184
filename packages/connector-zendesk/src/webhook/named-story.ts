import type { Story } from "../episodes/story.ts";
import { toRawTicket } from "../names/raw-ticket.ts";
import { type OpenedEntry, namesFor } from "../pull/opened-entry.ts";

/** The story of an event with the names that it does not bring along. */
export async function withNames(opened: OpenedEntry, story: Story, signal: AbortSignal): Promise<Story> {
  const { ticket, happenings, names: own } = story;
  const people = happenings.flatMap((happening) => ("by" in happening ? [{ author_id: happening.by }] : []));
  const make = (known: Parameters<typeof toRawTicket>[2]) => toRawTicket(ticket, { child_events: people }, known);
  const { names } = make(await namesFor(opened, make, signal));
  return { ...story, names: { ...names, users: [...names.users, ...own.users] } };
}
