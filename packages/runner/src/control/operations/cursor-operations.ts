import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { changeCursor, undoChange } from "../../history/change-cursor.ts";
import { CursorHistory } from "../../history/cursor-history.ts";
import { viewHistory } from "../../history/history-view.ts";
import { requireRecords } from "../../records/require-records.ts";
import type { CursorOperations } from "./operations.ts";
import { restoreSource } from "./restore-source.ts";

/** On a store that is opened with the first of them. */
export function cursorOperations(
  store: () => Promise<CursorStore>,
  context: { readonly clock: Clock; readonly random: () => number },
): CursorOperations {
  const places = async () => {
    const opened = await store();
    return { store: opened, history: CursorHistory.of(opened, context) };
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
    undoChange: async (source, changes) => undoChange(await places(), source, changes),
    restoreSource: async (state, options) => {
      const { store: opened } = await places();
      const isChanged = state.cursor !== undefined && state.cursor !== (await opened.get(state.source));
      await restoreSource(isChanged ? await noting(state.source, "import") : opened, state, options);
    },
  };
}
