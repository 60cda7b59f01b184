import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Clock } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";
import type { OpenedEntries } from "../composition/live-entries.ts";
import { type ErasedInbox, eraseItems } from "./erase-items.ts";
import { eraseRecords, findRecords, type FoundRecords } from "./erase-records.ts";
import { findItems, type FoundItems, type SearchedInbox } from "./find-items.ts";
import { mentionsEscaped } from "./subject-mentions.ts";
import { isSubject, spellingsOf, type SubjectSpellings } from "./subject-spellings.ts";

/** What the state holds of a subject, or what was erased of it: plain data. */
export interface SubjectTraces extends FoundItems {
  /** The subject as Statewave knows it. */
  readonly subject: string;
  /** Records that are changed: how many of which kind. */
  readonly records: FoundRecords["changed"];
  /** Records that mention it and stay, as `scope key`. */
  readonly keptRecords: FoundRecords["kept"];
  /** Sources whose cursor mentions it: it stays, because the source would be read again without it. */
  readonly cursors: readonly string[];
  /** Entries with this `subject`, as `pull:kind/name`: what comes of them is delivered under it again. */
  readonly entries: readonly string[];
}

export interface SubjectPlaces {
  readonly inbox: () => Promise<Inbox>;
  readonly store: () => Promise<CursorStore>;
  readonly entries: () => Promise<OpenedEntries>;
  /** That is in effect now. */
  readonly config: () => Pick<ConnectorsConfig, "pull" | "push">;
  readonly clock: Clock;
  /** See `ErasedInbox`. */
  readonly revoke?: ErasedInbox["revoke"];
}

/** Looks for a subject everywhere in the state. Changes nothing. */
export async function findSubject(places: SubjectPlaces, subject: string, signal: AbortSignal): Promise<SubjectTraces> {
  const of = spellingsOf(subject);
  const store = await places.store();
  const items = await findItems(await searchedInbox(places, signal), of);
  const records = store.records === undefined ? noRecords : await findRecords(store.records, of, signal);
  return toTraces(of, items, records, await store.list(), places.config());
}

/**
 * Erases a subject from the state: what waits, dead letters, records. Answers what it erased and what is left. May be repeated, and called by
 * several processes at once. Throws `INBOX_DISCARD_MISSING` and `INBOX_VIEW_MISSING` for an inbox of another package.
 */
export async function eraseSubject(places: SubjectPlaces, subject: string, signal: AbortSignal): Promise<SubjectTraces> {
  const { clock, revoke } = places;
  const of = spellingsOf(subject);
  const store = await places.store();
  const items = await eraseItems({ ...(await searchedInbox(places, signal)), revoke }, of);
  // Behind the items: their delivery leaves records.
  const records = store.records === undefined ? noRecords : await eraseRecords(store.records, of, { clock, signal });
  return toTraces(of, items, records, await store.list(), places.config());
}

const noRecords: FoundRecords = { changed: {}, kept: [] };

async function searchedInbox({ inbox, entries, clock }: SubjectPlaces, signal: AbortSignal): Promise<SearchedInbox> {
  return { inbox: await inbox(), entries: await entries(), clock, signal };
}

function toTraces(
  of: SubjectSpellings,
  items: FoundItems,
  { changed, kept }: FoundRecords,
  states: readonly SourceState[],
  config: Pick<ConnectorsConfig, "pull" | "push">,
): SubjectTraces {
  const cursors = states.flatMap(({ source, cursor }) =>
    cursor !== undefined && mentionsEscaped(cursor, of) ? [formatSourceKey(source)] : [],
  );
  return { subject: of.canonical, ...items, records: changed, keptRecords: kept, cursors, entries: entriesOf(config, of) };
}

function entriesOf({ pull, push }: Pick<ConnectorsConfig, "pull" | "push">, of: SubjectSpellings): readonly string[] {
  const named = (direction: string, entries: readonly { kind: string; name: string; subject?: string | undefined }[]) =>
    entries.filter(({ subject }) => isSubject(subject, of)).map((entry) => `${direction}:${formatSourceKey(entry)}`);
  return [...named("pull", pull), ...named("push", push)];
}
