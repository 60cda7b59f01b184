import { defineConnector, type Episode, refuse } from "@statewave-connectors/connector-sdk";

const accepting = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

function noteOf(text: string): Episode {
  return {
    subject: "notes",
    kind: "note.written",
    text,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "notes", id: text },
    metadata: {},
    idempotency_key: `notes:${text}`,
  };
}

/**
 * Notes, for tests of whole runners. A pull entry yields the texts of its option `texts` once, or throws its option `fault`; a push entry
 * takes bodies whose header `x-signature` is its option `signature`.
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
          if (fault !== undefined) throw new Error(fault);
          if (cursor === undefined) yield { episodes: texts.map(noteOf), cursor: "read" };
        },
      };
    },
  },
  push: {
    config: accepting,
    open(options) {
      const { signature = "right" } = options as { readonly signature?: string };
      return {
        receive: ({ headers }) =>
          headers["x-signature"] === signature
            ? { type: "event" }
            : { ...refuse(401, "invalid_signature"), refusal: { reason: "signature_invalid" } as const },
        async *pages({ body }) {
          yield { episodes: [noteOf(Buffer.from(body).toString())] };
        },
      };
    },
  },
});

/** A webhook for the entry `team`. */
export function noteRequest(body: string, signature = "right"): Request {
  return new Request("https://mine.example/notes/team/events", { method: "POST", body, headers: { "x-signature": signature } });
}
