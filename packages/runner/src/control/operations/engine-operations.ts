import type { Clock } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { cancelBackfill, listBackfills, prepareBackfill } from "../../backfill/backfill-operations.ts";
import { BackfillRecords } from "../../backfill/backfill-records.ts";
import { backUpState } from "../../backup/back-up-state.ts";
import type { Engine } from "../../composition/engine.ts";
import { eraseSubject, findSubject, type SubjectPlaces } from "../../erase/erase-subject.ts";
import type { HealthReport } from "../../health/health-report.ts";
import type { InboxWorker } from "../../push/inbox-worker.ts";
import { requireRecords } from "../../records/require-records.ts";
import { bindingOperations } from "./binding-operations.ts";
import { cursorOperations } from "./cursor-operations.ts";
import { letterOperations, queueOperations } from "./inbox-operations.ts";
import type { BackfillOperations, Operations, SubjectOperations } from "./operations.ts";
import { recordOperations } from "./record-operations.ts";
import { syncWith } from "./sync-source.ts";

/** What a running process has around its engine. */
export interface EngineContext extends Pick<Operations, "reload"> {
  readonly health: { report(): HealthReport };
  readonly worker: Pick<InboxWorker, "revoke">;
}

/** The operations of a process that holds the state itself. */
export function engineOperations(engine: Engine, { health, reload, worker }: EngineContext): Operations {
  const places = { ...placesOf(engine), revoke: (item: InboxItem) => worker.revoke(item) };
  return { health: async () => health.report(), reload, ...heldOperations(engine), ...subjectOperations(places) };
}

/** Those that need nothing but the engine. */
export function heldOperations(engine: Engine): Omit<Operations, "health" | "reload"> {
  const store = async () => engine.store;
  const inbox = async () => engine.inbox;
  const privacy = async () => engine.privacy;
  return {
    ...cursorOperations(store, engine),
    ...recordOperations(store),
    ...queueOperations(inbox, privacy),
    ...letterOperations({
      inbox,
      privacy,
      records: async () => engine.store.records,
      engine: async () => engine,
      clock: engine.clock,
    }),
    ...bindingOperations(
      async () => engine.binding,
      async () => engine.history,
    ),
    ...storedBackfills(store, engine),
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

/** The backfills that a store remembers, whatever process runs them. */
export function storedBackfills(
  store: () => Promise<CursorStore>,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
): Pick<BackfillOperations, "listBackfills" | "cancelBackfill"> {
  const records = async () => new BackfillRecords(requireRecords(await store()), random);
  return {
    listBackfills: async () => listBackfills(await records(), clock),
    cancelBackfill: async (id) => cancelBackfill(await records(), id, clock),
  };
}

/** On what waits, letters and records, with the entries that map them. */
export function subjectOperations(places: SubjectPlaces): SubjectOperations {
  return {
    findSubject: (subject, signal) => findSubject(places, subject, signal),
    eraseSubject: (subject, signal) => eraseSubject(places, subject, signal),
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
