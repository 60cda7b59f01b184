import type { NoteChange } from "../src/note.ts";

export function change(seq: number, overrides: Partial<NoteChange> = {}): NoteChange {
  return {
    seq,
    action: "written",
    at: new Date(Date.UTC(2025, 0, 1, 0, seq)).toISOString(),
    author: "Ada",
    note: { id: `n${seq}`, title: `Note ${seq}`, text: `The text of note ${seq}.` },
    ...overrides,
  };
}
