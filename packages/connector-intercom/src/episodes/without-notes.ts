import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import { changeParts } from "./change-parts.ts";

/** Parts that teammates write for each other: `note`, and `note_and_reopen` or another one that does something besides. */
export function isNoteType(type: string | undefined): boolean {
  return type === "note" || type?.startsWith("note_") === true;
}

/** A raw conversation whose notes have no words, so that neither an inbox nor a dead letter keeps them; the same object without notes. */
export function withoutNotes<Raw>(raw: Raw): Raw {
  return changeParts(raw, (part) => (isNoteType(stringField(part, "part_type")) ? withoutWords(part) : part));
}

/** Named are the fields that stay: words may stand in any other one. */
function withoutWords({ type, id, part_type, created_at, updated_at, author, redacted }: Fields): Fields {
  return { type, id, part_type, created_at, updated_at, author, redacted };
}
