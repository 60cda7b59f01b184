/** A JSON object whose fields were not checked yet: providers add and omit fields, so each is checked where it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export function toFields(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects in a list; anything else counts as no list. */
export function toFieldsList(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((item) => isFields(item)) : [];
}

/** A field that is a string and not empty. */
export function stringField(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field that is a whole number above 0, as a number or as text: always text. Anything else is no id, and so is a number beyond 2^53. */
export function idField(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name];
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === "string" && /^[1-9][0-9]{0,24}$/.test(text) ? text : undefined;
}

/** What is known of the facts. */
export function withoutUndefined<Value>(facts: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  // A loop instead of entries: this runs for every episode.
  const known: Record<string, Value> = {};
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    if (value !== undefined && name !== "__proto__") known[name] = value;
  }
  return known;
}
