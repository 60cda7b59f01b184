import { fakeProvider, integer } from "@statewave-connectors/testing/fake-provider";
import type { NoteChange } from "../src/note.ts";

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
