import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { storageScope } from "@statewave-connectors/connector-sdk/store";
import { forgetSecrets } from "@statewave-connectors/runner/actions";
import { pauseEntries, PauseRecords, resumeEntries } from "@statewave-connectors/runner/entries";
import { backfillId, type Operations } from "@statewave-connectors/runner/operations";
import { type ActingWorld, rangedSource } from "./acting-world.ts";

/** What one command acts on. */
export interface Target {
  readonly source: SourceKey;
  /** The key of a dead letter, the id of a backfill, or the number of a change. */
  readonly key?: string;
  /** Of a backfill. */
  readonly rangeText?: string;
}

/** A command that changes something. */
export interface ActingCommand {
  readonly name: string;
  prepare(world: ActingWorld): Promise<Target>;
  act(operations: Operations, target: Target): Promise<unknown>;
  /** `before`: as if it had never begun. `after`: as if it had ended. */
  stateOf(world: ActingWorld, target: Target): Promise<string>;
  /** Where a killed command may leave it, besides; the next one completes it. */
  readonly between?: string;
  /** With what a command refuses a change that another one has made. */
  readonly refusal?: string;
}

/** A command that replaces the cursor `old`. `becomes`: the new one; absent: none. */
function onCursor({
  becomes,
  ...command
}: Omit<ActingCommand, "prepare" | "stateOf"> & { readonly becomes?: string }): ActingCommand {
  return {
    ...command,
    async prepare(world) {
      const source = world.newSource();
      await world.store.set(source, "old");
      return { source };
    },
    stateOf: async ({ store }, { source }) => cursorState(await store.get(source), "old", becomes),
  };
}

function cursorState(cursor: string | undefined, before: string, after: string | undefined): string {
  return cursor === before ? "before" : cursor === after ? "after" : `cursor ${cursor}`;
}

/** A command on a dead letter that leaves an episode with the text `queues` in the queue; absent: none. */
function onLetter({
  queues,
  ...command
}: Omit<ActingCommand, "prepare" | "stateOf"> & { readonly queues?: string }): ActingCommand {
  return {
    ...command,
    async prepare(world) {
      const source = world.newSource();
      return { source, key: await world.bury(source) };
    },
    async stateOf(world, { source, key = "" }) {
      const isThere = (await world.inbox.getDeadLetter(key)) !== undefined;
      const texts = await world.queuedTexts(source);
      if (texts.some((text) => text !== queues)) return `queued: ${texts.join()}`;
      if (isThere) return texts.length === 0 ? "before" : "letter and queued";
      return texts.length > 0 === (queues !== undefined) ? "after" : "lost";
    },
  };
}

async function edit(operations: Operations, { key = "" }: Target): Promise<void> {
  const letter = await operations.readLetter(key);
  if (letter === undefined) return;
  await operations.replaceLetter({ key, digest: letter.digest, content: { ...(letter.content as object), text: "mended" } });
}

function onPause(name: "pause" | "resume"): ActingCommand {
  const change = { pause: pauseEntries, resume: resumeEntries };
  const action = ({ source }: Target) => ({ entries: [{ direction: "pull" as const, source }], by: { user: "ana@web" } });
  return {
    name,
    async prepare(world) {
      const target = { source: world.newSource() };
      if (name === "resume") await pauseEntries({ records: world.records }, action(target));
      return target;
    },
    async act({ records }, target) {
      const { failure } = await change[name]({ records }, action(target));
      if (failure !== undefined) throw failure.error;
    },
    async stateOf({ records }, { source }) {
      const pause = await new PauseRecords(records).get({ direction: "pull", source });
      return (pause !== undefined) === (name === "pause") ? "after" : "before";
    },
  };
}

const rangeOf = (rangeText: string) => ({
  source: rangedSource,
  since: "2025-01-01T00:00:00Z",
  until: "2025-01-02T00:00:00Z",
  rangeText,
});

const backfillState = async (world: ActingWorld, { key }: Target, states: Readonly<Record<string, string>>) => {
  const found = (await world.operations.listBackfills()).find(({ id }) => id === key);
  const status = found?.status ?? "none";
  return states[status] ?? status;
};

/** Every command that changes the state by itself. What runs for long has crash tests of its own: `run`, `sync`, `backfill`, `erase`. */
export const actingCommands: readonly ActingCommand[] = [
  onCursor({ name: "state set", becomes: "new", act: (operations, { source }) => operations.setCursor(source, "new") }),
  onCursor({ name: "state delete", act: (operations, { source }) => operations.deleteCursor(source) }),
  onCursor({
    name: "state reset",
    // It is not configured either, so nothing is left of it.
    refusal: "RUNNER_ENTRY_UNKNOWN",
    act: (operations, { source }) => operations.resetSources({ sources: [source] }),
  }),
  onCursor({
    name: "state seed",
    becomes: "new",
    refusal: "STORE_CURSOR_MOVED",
    act: (operations, { source }) => operations.changeCursor({ source, cursor: "new", derivedFrom: ["old"], reason: "seed" }),
  }),
  onCursor({
    name: "state prune",
    refusal: "STORE_CURSOR_MOVED",
    act: (operations, { source }) => operations.changeCursor({ source, derivedFrom: ["old"], reason: "prune" }),
  }),
  {
    name: "state undo",
    async prepare({ store, operations, newSource }) {
      const source = newSource();
      await store.set(source, "first");
      await operations.changeCursor({ source, cursor: "second", derivedFrom: ["first"], reason: "seed" });
      const [latest] = await operations.listHistory(source);
      return { source, key: String(latest?.number) };
    },
    act: (operations, { source, key }) => operations.undoChange(source, { number: Number(key) }),
    stateOf: async ({ store }, { source }) => cursorState(await store.get(source), "second", "first"),
  },
  {
    name: "state import",
    between: "cursor without dues",
    async prepare(world) {
      return { source: world.newSource() };
    },
    act: (operations, { source }) =>
      operations.restoreSource({ source, cursor: "imported", finishedDueMs: 1_000, openDueMs: 2_000 }, { force: false }),
    async stateOf({ store }, { source: { name } }) {
      const found = (await store.list()).find(({ source }) => source.name === name);
      if (found?.cursor === undefined) return "before";
      if (found.cursor !== "imported") return `cursor ${found.cursor}`;
      return found.finishedDueMs === 1_000 && found.openDueMs === 2_000 ? "after" : "cursor without dues";
    },
  },
  {
    name: "state adopt",
    async prepare({ store, records, newSource }) {
      const source = newSource();
      await store.set(source, "of the other server");
      const value = JSON.stringify({ fingerprint: "other", label: "http://other.example" });
      await records.compareAndSet({ scope: "sink", key: formatSourceKey(source), value, expectedVersion: 0 });
      return { source };
    },
    act: (operations, { source }) => operations.adoptSink({ sources: [source] }),
    async stateOf({ records }, { source }) {
      const record = await records.get("sink", formatSourceKey(source));
      return record?.value.includes("other.example") === true ? "before" : "after";
    },
  },
  {
    name: "state delete-secrets",
    between: "one is left",
    async prepare({ records, newSource }) {
      const source = newSource();
      for (const direction of ["pull", "push"] as const)
        await records.compareAndSet({ scope: storageScope(direction, source), key: "token", value: "{}", expectedVersion: 0 });
      return { source };
    },
    act: ({ secretRecords }, { source }) => forgetSecrets(secretRecords, source),
    async stateOf({ records }, { source }) {
      const kept = await Promise.all(
        (["pull", "push"] as const).map((direction) => records.list(storageScope(direction, source))),
      );
      return ["after", "one is left", "before"][kept.flat().length] ?? "too many";
    },
  },
  onLetter({
    name: "dead-letters edit",
    queues: "mended",
    between: "letter and queued",
    refusal: "INBOX_LETTER_CHANGED",
    act: edit,
  }),
  onLetter({
    name: "dead-letters retry",
    queues: "as it was",
    act: (operations, { key = "" }) => operations.retryDeadLetters([key]),
  }),
  onLetter({ name: "dead-letters discard", act: (operations, { key = "" }) => operations.discardDeadLetters([key]) }),
  onPause("pause"),
  onPause("resume"),
  {
    name: "backfill",
    async prepare({ newSource }) {
      const { name } = newSource();
      return { source: rangedSource, key: backfillId(rangedSource, name, undefined), rangeText: name };
    },
    act: (operations, { rangeText = "" }) => operations.prepareBackfill(rangeOf(rangeText)),
    stateOf: (world, target) => backfillState(world, target, { none: "before", open: "after" }),
  },
  {
    name: "backfill cancel",
    refusal: "PULL_BACKFILL_OVER",
    async prepare({ operations, newSource }) {
      const { id } = await operations.prepareBackfill(rangeOf(newSource().name));
      return { source: rangedSource, key: id };
    },
    act: (operations, { key = "" }) => operations.cancelBackfill(key),
    stateOf: (world, target) => backfillState(world, target, { open: "before", cancelled: "after" }),
  },
];
