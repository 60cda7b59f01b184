import * as v from "valibot";
import type { ReadTicket } from "./read-ticket.ts";

const dayMs = 24 * 3_600_000;
/** Zendesk restores a ticket within 30 days of its deletion; one more for the end of the last of them. */
const restorableDays = 31;
/** They stand in each cursor. */
const most = 1_000;

/** The ids of tickets that were deleted lately, by the day since 1970: their events are left out, and read when a ticket is restored. */
export const goneTicketsSchema = v.record(
  v.pipe(v.string(), v.regex(/^\d{1,7}$/)),
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(25))), v.readonly()),
);

export type GoneTickets = Readonly<Record<string, readonly string[]>>;

/** What a page of tickets makes of those that were gone: which came back, and which are gone behind the page. */
export function afterPage(
  gone: GoneTickets,
  tickets: readonly Pick<ReadTicket, "id" | "isGone" | "updatedMs">[],
  nowMs: number,
): { readonly gone: GoneTickets; readonly restored: ReadonlySet<string> } {
  const known = new Map(Object.entries(gone).flatMap(([day, ids]) => ids.map((id) => [id, Number(day)])));
  const restored = new Set<string>();
  for (const { id, isGone, updatedMs } of tickets) {
    if (id === undefined) continue;
    const wasGone = known.delete(id);
    if (isGone) known.set(id, Math.floor(Math.min(updatedMs, nowMs) / dayMs));
    else if (wasGone) restored.add(id);
  }
  const oldest = Math.floor(nowMs / dayMs) - restorableDays;
  const kept = [...known]
    .filter(([, day]) => day >= oldest)
    .toSorted(([, left], [, right]) => left - right)
    .slice(-most);
  const byDay = Map.groupBy(kept, ([, day]) => String(day));
  return { gone: Object.fromEntries([...byDay].map(([day, ids]) => [day, ids.map(([id]) => id)])), restored };
}
