import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { cleanText, cutText } from "@statewave-connectors/connector-sdk/text";
import type { NoteChange } from "./note.ts";

/** Pull and push map with this one function, so that a change seen both ways has one key and is stored once. */
export function toEpisode({ seq, action, at, author, note }: NoteChange): Episode {
  const kind = `example.note.${action}`;
  const title = cleanText(note.title).trim() || "untitled";
  // Who did what where comes first: Statewave ranks on text alone.
  const headline = `${cleanText(author).trim() || "Somebody"} ${action === "written" ? "wrote" : action} the note "${title}"`;
  return {
    subject: `note:${note.id}`.slice(0, 256),
    kind,
    title,
    text: cutText(action === "deleted" ? headline : `${headline}\n\n${cleanText(note.text)}`),
    occurred_at: at,
    source: { type: "example.note", id: note.id },
    idempotency_key: idempotencyKey("example", kind, seq, note.id),
    metadata: { seq, author },
  };
}
