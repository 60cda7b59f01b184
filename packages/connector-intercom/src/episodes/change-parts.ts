import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";

/**
 * A raw conversation whose parts were changed, each with the count of all; the same object where none was. A part of another form stays, so
 * that it fails by itself.
 */
export function changeParts<Raw>(raw: Raw, change: (part: Fields, count: number) => Fields): Raw {
  const container = toFields(toFields(raw)?.["conversation_parts"]);
  const given = container?.["conversation_parts"];
  if (!Array.isArray(given)) return raw;
  const parts: readonly unknown[] = given;
  const changed = parts.map((part) => {
    const fields = toFields(part);
    return fields === undefined ? part : change(fields, parts.length);
  });
  const isSame = changed.every((part, at) => part === parts[at]);
  return isSame ? raw : { ...raw, conversation_parts: { ...container, conversation_parts: changed } };
}
