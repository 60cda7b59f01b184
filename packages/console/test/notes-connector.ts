import { ConnectorsError, defineConnector, type Episode, refuse } from "@statewave-connectors/connector-sdk";

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

function noteOf(text: string): Episode {
  return {
    subject: "notes",
    kind: "note.written",
    text,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "notes", id: text.slice(0, 100) },
    metadata: {},
    idempotency_key: `notes:${text.slice(0, 100)}`,
  };
}

/**
 * Notes. A pull entry yields the texts of its option `texts` once, or throws its option `fault`; a receiver takes bodies with
 * `x-signature: right`, and maps those that begin with `later` at no time.
 */
export const notes = defineConnector({
  kind: "notes",
  version: "1.0.0",
  pull: {
    config: accepting,
    open(options) {
      const { texts = [], fault } = options as { readonly texts?: readonly string[]; readonly fault?: string };
      return {
        async *pages(cursor) {
          if (fault !== undefined) throw new ConnectorsError({ code: "NOTES_FAULT", message: fault, hint: "mend the notes" });
          if (cursor === undefined) yield { episodes: texts.map(noteOf), cursor: "read" };
        },
      };
    },
  },
  push: {
    config: accepting,
    open: () => ({
      receive: ({ headers }) => (headers["x-signature"] === "right" ? { type: "event" } : refuse(401, "invalid_signature")),
      async *pages({ body }) {
        const text = Buffer.from(body).toString();
        if (text.startsWith("later")) throw new ConnectorsError({ code: "NOTES_LATER", message: text, retryable: true });
        yield { episodes: [noteOf(text)] };
      },
    }),
  },
});
