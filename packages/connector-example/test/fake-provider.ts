import { fakeProvider, integer } from "@statewave-connectors/testing/fake-provider";
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

/** The provider, over real HTTP, with these changes. */
export function startFakeProvider(changes: readonly NoteChange[]) {
  return fakeProvider({
    routes: {
      "GET /changes": {
        query: { after: integer({ required: true }), limit: integer({ min: 1, max: 100, required: true }) },
        answer({ query: { after, limit } }) {
          const newer = changes.filter(({ seq }) => seq > Number(after));
          return { body: { changes: newer.slice(0, Number(limit)), more: newer.length > Number(limit) } };
        },
      },
    },
  });
}
