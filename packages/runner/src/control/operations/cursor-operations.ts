import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { changeCursor, undoChange } from "../../history/change-cursor.ts";
import { CursorHistory } from "../../history/cursor-history.ts";
import { noteChange } from "../../history/note-change.ts";
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
  const noting = async <Result>(source: SourceKey, reason: string, change: (opened: CursorStore) => Promise<Result>) => {
    const { store: opened, history } = await places();
    const before = await opened.get(source);
    const isUnchanged = async () => (await opened.get(source)) === before;
    return noteChange(history, { source, reason, before }, () => change(opened), isUnchanged);
  };
  return {
    listState: async () => (await store()).list(),
    getCursor: async (source) => (await store()).get(source),
    setCursor: async (source, cursor) => noting(source, "set", (opened) => opened.set(source, cursor)),
    deleteCursor: async (source) => {
      const opened = await store();
      if ((await opened.get(source)) === undefined) return opened.delete(source);
      return noting(source, "delete", () => opened.delete(source));
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
      const restore = () => restoreSource(opened, state, options);
      await (isChanged ? noting(state.source, "import", restore) : restore());
    },
  };
}
