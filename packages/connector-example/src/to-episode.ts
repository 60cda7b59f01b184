import { type Episode, idempotencyKey, parseItem } from "@statewave-connectors/connector-sdk";
import { foldText, headline, oneLine } from "@statewave-connectors/connector-sdk/text";
import { NoteChange } from "./note.ts";
import { service } from "./service.ts";

/** Pull and push map with this one function, so that a change seen both ways has one key and is stored once. */
export function toEpisodes(raw: unknown): readonly Episode[] {
  const { seq, action, at, author, note } = parseItem(NoteChange, raw, { ...service, item: "change of a note" });
  const kind = `example.note.${action}`;
  const writer = oneLine(author);
  const name = writer || "Someone";
  const title = oneLine(note.title) || "untitled";
  // Who did what comes first: Statewave ranks on text alone.
  const lead = headline(`${name} ${action === "written" ? "wrote" : action} the note "${title}"`);
  return [
    {
      subject: `note:${note.id}`,
      kind,
      title,
      text: action === "deleted" ? lead : foldText(lead, note.text),
      occurred_at: at,
      source: { type: "example.note", id: note.id },
      idempotency_key: idempotencyKey("example", kind, seq, note.id),
      // Example has no guests; where a provider has them, call them "external".
      author: { name, kind: writer === "" ? "anonymous" : "member" },
      metadata: { seq },
    },
  ];
}
