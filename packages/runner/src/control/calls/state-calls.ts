import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { HistoryView } from "../../history/history-view.ts";
import type { BindingChange, ChosenSources } from "../../sink-binding/sink-binding.ts";
import type { SinkIdentity } from "../../sink-binding/sink-identity.ts";
import type { BindingOperations, BindingRequest, CursorOperations } from "../operations/operations.ts";
import type { RestoredSource, RestoreOptions } from "../operations/restore-source.ts";
import { type SendCall, sourceOf, unmasked } from "./call.ts";

/** What calls about cursors carry. */
export interface StateArguments extends Omit<RestoredSource, "source">, Partial<RestoreOptions> {
  /** Of `state.change`. */
  readonly derivedFrom?: readonly string[];
  readonly reason?: string;
  /** Of `state.undo`; absent: the latest. */
  readonly number?: number;
  /** Of `state.undo`; absent: whatever there is. */
  readonly latest?: number;
  /** Of `state.adopt` and `state.reset`; absent: all. */
  readonly sources?: readonly string[];
  readonly sink?: SinkIdentity;
}

/** Serves calls about cursors, and about the sinks that they belong to. */
export const stateCalls = unmasked<StateArguments>({
  "state.list": (operations) => operations.listState(),
  "state.get": (operations, call) => operations.getCursor(sourceOf(call)),
  "state.set": (operations, call) => operations.setCursor(sourceOf(call), call.cursor ?? ""),
  "state.delete": (operations, call) => operations.deleteCursor(sourceOf(call)),
  "state.change": (operations, { cursor, derivedFrom, reason = "change", ...call }) =>
    operations.changeCursor({ source: sourceOf(call), cursor, derivedFrom, reason }),
  "state.history": (operations, call) => operations.listHistory(sourceOf(call)),
  "state.undo": (operations, call) => operations.undoChange(sourceOf(call), { number: call.number, latest: call.latest }),
  "state.adopt": (operations, call) => operations.adoptSink(toBindingRequest(call)),
  "state.reset": (operations, call) => operations.resetSources(toBindingRequest(call)),
  "state.restore": (operations, { cursor, finishedDueMs, openDueMs, resumeInMs, force = false, ...call }) =>
    operations.restoreSource({ source: sourceOf(call), ...present({ cursor, finishedDueMs, openDueMs, resumeInMs }) }, { force }),
});

function toBindingRequest({ sources, sink }: Pick<StateArguments, "sources" | "sink">): BindingRequest {
  const chosen = sources === undefined ? "all" : sources.map((source) => sourceOf({ source }));
  return { sources: chosen, ...(sink === undefined ? {} : { sink }) };
}

/** The properties that have a value. */
function present<Properties extends Record<string, unknown>>(
  properties: Properties,
): { [Key in keyof Properties]?: Exclude<Properties[Key], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as never;
}

/** The cursors of a running process. `sink` is the one in the configuration of the caller. */
export function remoteState(send: SendCall, sink: SinkIdentity | undefined): CursorOperations & BindingOperations {
  return {
    listState: async () => (await send({ operation: "state.list" })) as SourceState[],
    getCursor: async (source) =>
      ((await send({ operation: "state.get", source: formatSourceKey(source) })) as string | null) ?? undefined,
    setCursor: async (source, cursor) => void (await send({ operation: "state.set", source: formatSourceKey(source), cursor })),
    deleteCursor: async (source) => (await send({ operation: "state.delete", source: formatSourceKey(source) })) as boolean,
    changeCursor: async ({ source, ...change }) =>
      void (await send({ operation: "state.change", source: formatSourceKey(source), ...change })),
    listHistory: async (source) => (await send({ operation: "state.history", source: formatSourceKey(source) })) as HistoryView[],
    undoChange: async (source, changes) =>
      (await send({ operation: "state.undo", source: formatSourceKey(source), ...changes })) as HistoryView,
    adoptSink: async ({ sources }) => (await send({ operation: "state.adopt", sink, ...toArguments(sources) })) as BindingChange,
    resetSources: async ({ sources }) =>
      (await send({ operation: "state.reset", sink, ...toArguments(sources) })) as BindingChange,
    restoreSource: async ({ source, ...known }, { force }) =>
      void (await send({ operation: "state.restore", source: formatSourceKey(source), ...known, force })),
  };
}

function toArguments(sources: ChosenSources): Pick<StateArguments, "sources"> {
  return sources === "all" ? {} : { sources: sources.map(formatSourceKey) };
}
