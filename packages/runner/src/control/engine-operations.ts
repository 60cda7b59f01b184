import { type Clock, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Inbox, InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { cancelBackfill, listBackfills, prepareBackfill } from "../backfill/backfill-operations.ts";
import { backUpState } from "../backup/back-up-state.ts";
import { BackfillRecords } from "../backfill/backfill-records.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import type { Engine } from "../composition/engine.ts";
import type { HealthReport } from "../health/health-report.ts";
import { changeCursor, undoChange } from "../history/change-cursor.ts";
import { CursorHistory } from "../history/cursor-history.ts";
import { viewHistory } from "../history/history-view.ts";
import { eraseSubject, findSubject, type SubjectPlaces } from "../erase/erase-subject.ts";
import { ownerOf } from "../failed-items/item-owner.ts";
import { type LetterPlaces, readLetter, replaceLetter } from "../failed-items/edit-letter.ts";
import { type ItemRetry, retryLetters } from "../failed-items/retry-letters.ts";
import type { Privacy } from "../privacy/privacy.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { type PreviewOptions, previewPull } from "../pull/preview-pull.ts";
import { pullOf } from "../pull/pull-of.ts";
import { silentPullObserver } from "../pull/pull-observer.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import type { InboxWorker } from "../push/inbox-worker.ts";
import { requireRecords } from "../records/require-records.ts";
import type { Operations, SyncReport } from "./operations.ts";
import type { SinkBinding } from "../sink-binding/sink-binding.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { withAbout } from "./letter-about.ts";
import { recordOperations, secretRecordOperations } from "./record-operations.ts";
import { restoreSource } from "./restore-source.ts";
import { toShownLetter } from "./shown-letter.ts";
import { toShownQueued, viewOf, withoutItem } from "./shown-queued.ts";

type StateOperations = Pick<
  Operations,
  | "listState"
  | "getCursor"
  | "setCursor"
  | "deleteCursor"
  | "changeCursor"
  | "listHistory"
  | "undoChange"
  | "records"
  | "secretRecords"
  | "restoreSource"
>;
type BackfillOperations = Pick<Operations, "listBackfills" | "cancelBackfill">;
type BindingOperations = Pick<Operations, "adoptSink" | "resetSources">;
type DeadLetterOperations = Pick<
  Operations,
  | "inboxStats"
  | "listQueued"
  | "getQueued"
  | "remembersEvent"
  | "listDeadLetters"
  | "getDeadLetter"
  | "retryDeadLetters"
  | "discardDeadLetters"
>;
type SubjectOperations = Pick<Operations, "findSubject" | "eraseSubject">;
type EditOperations = Pick<Operations, "readLetter" | "replaceLetter">;

/** What a running process has around its engine. */
export interface EngineSurroundings extends Pick<Operations, "reload"> {
  readonly health: { report(): HealthReport };
  readonly worker: Pick<InboxWorker, "revoke">;
}

/** The operations of a process that holds the state itself. */
export function engineOperations(engine: Engine, { health, reload, worker }: EngineSurroundings): Operations {
  const places = { ...placesOf(engine), revoke: (item: InboxItem) => worker.revoke(item) };
  return { health: async () => health.report(), reload, ...heldOperations(engine), ...subjectOperations(places) };
}

/** Those that need nothing but the engine. */
export function heldOperations(engine: Engine): Omit<Operations, "health" | "reload"> {
  return {
    ...stateOperations(async () => engine.store, engine),
    ...deadLetterOperations(
      async () => engine.inbox,
      async () => engine,
      async () => engine.privacy,
    ),
    ...bindingOperations(
      async () => engine.binding,
      async () => engine.history,
    ),
    ...backfillOperations(async () => engine.store, engine),
    ...editOperations(async () => {
      const { inbox, privacy, clock } = engine;
      return { inbox, privacy, clock, records: engine.store.records };
    }),
    ...subjectOperations(placesOf(engine)),
    backUp: (folder) => backUpState(engine, folder, engine.clock.now()),
    backfill: (...request) => engine.backfills.run(...request),
    prepareBackfill: (request) =>
      prepareBackfill(request, {
        pulls: engine.entries.pulls,
        records: new BackfillRecords(requireRecords(engine.store), engine.random),
        clock: engine.clock,
        sink: engine.binding.sink,
      }),
    countRange: (...request) => engine.backfills.count(...request),
    sync: (...request) => syncWith(engine, ...request),
  };
}

/** On a store that is opened with the first of them. */
export function stateOperations(
  store: () => Promise<CursorStore>,
  surroundings: { readonly clock: Clock; readonly random: () => number },
): StateOperations {
  const places = async () => {
    const opened = await store();
    return { store: opened, history: CursorHistory.of(opened, surroundings) };
  };
  // Before the change: one that a crash keeps from its history could not be undone.
  const noting = async (source: SourceKey, reason: string) => {
    const { store: opened, history } = await places();
    await history?.add({ source, reason, before: await opened.get(source) });
    return opened;
  };
  return {
    listState: async () => (await store()).list(),
    getCursor: async (source) => (await store()).get(source),
    setCursor: async (source, cursor) => (await noting(source, "set")).set(source, cursor),
    deleteCursor: async (source) => {
      const opened = await store();
      if ((await opened.get(source)) === undefined) return opened.delete(source);
      return (await noting(source, "delete")).delete(source);
    },
    changeCursor: async (change) => changeCursor(await places(), change),
    listHistory: async (source) => {
      const { store: opened, history } = await places();
      requireRecords(opened);
      return history === undefined ? [] : viewHistory(history, source);
    },
    undoChange: async (source, number) => undoChange(await places(), source, number),
    records: recordOperations(store),
    secretRecords: secretRecordOperations(store),
    restoreSource: async (state, options) => {
      const { store: opened } = await places();
      const isChanged = state.cursor !== undefined && state.cursor !== (await opened.get(state.source));
      await restoreSource(isChanged ? await noting(state.source, "import") : opened, state, options);
    },
  };
}

/** Operations on the backfills that a store remembers, whatever process runs them. */
export function backfillOperations(
  store: () => Promise<CursorStore>,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
): BackfillOperations {
  const records = async () => new BackfillRecords(requireRecords(await store()), random);
  return {
    listBackfills: async () => listBackfills(await records(), clock),
    cancelBackfill: async (id) => cancelBackfill(await records(), id, clock),
  };
}

/** Operations on the sinks that cursors belong to. */
export function bindingOperations(
  open: () => Promise<SinkBinding>,
  history: () => Promise<CursorHistory | undefined>,
): BindingOperations {
  return {
    adoptSink: async ({ sources, sink }) => (await openFor(open, sink)).adopt(sources),
    resetSources: async ({ sources, sink }) => {
      const noted = await history();
      return (await openFor(open, sink)).reset(sources, async (source, before) =>
        noted?.add({ source, reason: "reset", before }),
      );
    },
  };
}

/** A process that was started before its configuration changed would act for the wrong sink. */
async function openFor(open: () => Promise<SinkBinding>, sink: SinkIdentity | undefined): Promise<SinkBinding> {
  const binding = await open();
  if (sink === undefined || sink.fingerprint === binding.sink.fingerprint) return binding;
  throw new ConnectorsError({
    code: "STORE_SINK_CONFLICT",
    message: `the running process delivers to ${binding.sink.label}, and this configuration names ${sink.label}`,
    hint: "restart the runner with this configuration, then run the command again",
  });
}

/** On an inbox that is opened when the first of them is called, and an engine that is opened when an item is mapped again. */
export function deadLetterOperations(
  inbox: () => Promise<Inbox>,
  engine: () => Promise<Engine>,
  openPrivacy: () => Promise<Privacy>,
): DeadLetterOperations {
  return {
    inboxStats: async () => (await inbox()).stats(),
    listQueued: async (query) => (await viewOf(await inbox()).list(query)).map(withoutItem),
    getQueued: async (key) => {
      const queued = await viewOf(await inbox()).get(key);
      return queued && toShownQueued(queued, await openPrivacy());
    },
    remembersEvent: async (source, id) => viewOf(await inbox()).remembers(source, id),
    async listDeadLetters({ about = false, ...query }) {
      const [opened, privacy] = [await inbox(), await openPrivacy()];
      const letters = await opened.listDeadLetters(query);
      const listed = about ? await withAbout(letters, opened) : letters;
      return listed.map((letter) => ({ ...letter, ...privacy.redactLetter(letter) }));
    },
    async getDeadLetter(key) {
      const letter = await (await inbox()).getDeadLetter(key);
      return letter && toShownLetter((await openPrivacy()).redactLetter(letter));
    },
    retryDeadLetters: async (keys) => retryLetters(await inbox(), keys, async () => itemRetryOf(await engine())),
    discardDeadLetters: async (keys) => (await inbox()).discardDeadLetters(keys),
  };
}

/** On letters that are edited. */
export function editOperations(open: () => Promise<LetterPlaces>): EditOperations {
  return {
    readLetter: async (key) => readLetter(await open(), key),
    replaceLetter: async (edit) => replaceLetter(await open(), edit),
  };
}

function placesOf(engine: Engine): SubjectPlaces {
  return {
    inbox: async () => engine.inbox,
    store: async () => engine.store,
    entries: async () => engine.entries,
    config: () => engine.config,
    clock: engine.clock,
  };
}

/** On what waits, letters and records, with the entries that map them. */
export function subjectOperations(places: SubjectPlaces): SubjectOperations {
  return {
    findSubject: (subject, signal) => findSubject(places, subject, signal),
    eraseSubject: (subject, signal) => eraseSubject(places, subject, signal),
  };
}

function itemRetryOf({ delivery, entries, clock, random }: Engine): ItemRetry {
  return { delivery, clock, random, ownerOf: (item) => ownerOf(entries, item) };
}

/** Runs a source once, or shows what that would deliver. When `signal` aborts, the caller stops waiting; the run continues. */
export async function syncWith(
  engine: Engine,
  ...[{ source, dryRun, onProgress }, onEpisode, signal]: Parameters<Operations["sync"]>
): ReturnType<Operations["sync"]> {
  if (!dryRun) {
    const outcome = await orAborted(engine.scheduler.runNow(source, onProgress), signal);
    return { ...toReport(outcome), ...foreignOf(engine.binding, source) };
  }
  const { store, clock, config, entries, privacy } = engine;
  const parts = {
    store,
    clock,
    privacy,
    binding: engine.binding,
    pulls: entries.pulls,
    syncTimeoutMs: config.runner.syncTimeoutMs,
  };
  return preview(parts, source, onEpisode, signal);
}

export interface PreviewParts extends Pick<PreviewOptions, "store" | "clock" | "syncTimeoutMs"> {
  readonly pulls: readonly OpenedPull[];
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
}

/** Shows what a run would deliver: needs neither inbox nor sink. */
export async function preview(
  { pulls, binding, privacy, ...parts }: PreviewParts,
  source: SourceKey,
  show: PreviewOptions["onEpisode"],
  signal: AbortSignal,
): Promise<SyncReport> {
  const onEpisode: typeof show = (episode) => show(privacy.redactEpisode(source, episode));
  const outcome = await previewPull({ ...parts, pull: pullOf(pulls, source), signal, observer: silentPullObserver, onEpisode });
  return { ...toReport(outcome), ...foreignOf(binding, source) };
}

function foreignOf(binding: SinkBinding, source: SourceKey): Pick<SyncReport, "foreign"> {
  const key = formatSourceKey(source);
  const cursor = binding.foreign.find((candidate) => candidate.source === key);
  return cursor === undefined ? {} : { foreign: { sink: binding.sink.label, cursorOf: cursor.sinks } };
}

function toReport(outcome: RunOutcome): SyncReport {
  if (outcome.type === "failed") throw outcome.error;
  const { exhausted: _, ...counts } = outcome.report;
  return { ...counts, complete: outcome.type === "done" };
}
