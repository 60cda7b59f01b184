/** The names of entries, and their pauses. */
export {
  chooseEntry,
  type EntryDirection,
  type EntryName,
  entryNamesOf,
  formatEntryName,
  parseTypedEntry,
  requireEntry,
  type TypedEntry,
  unknownEntry,
} from "./entry-name.ts";
export { nameHint } from "./name-hint.ts";
export { type PauseAction, type PauseChange, pauseEntries, type PauseOutcome, resumeEntries } from "./pauses/pause-entries.ts";
export { PauseRecords } from "./pauses/pause-records.ts";
export { describePause, type Pause, type PauseRequest } from "./pauses/pause.ts";
