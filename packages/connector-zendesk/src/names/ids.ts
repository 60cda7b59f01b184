import type { Fields } from "@statewave-connectors/connector-sdk/items";

/** An id in a record that was not checked yet; undefined for none, and for anything that is no id. */
export function idIn(fields: Fields | undefined, name: string): string | undefined {
  const id = fields?.[name];
  const text = typeof id === "number" && Number.isSafeInteger(id) ? String(id) : id;
  return typeof text === "string" && /^[1-9]\d{0,24}$/.test(text) ? text : undefined;
}
