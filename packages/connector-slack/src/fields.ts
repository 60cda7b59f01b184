/** A JSON object whose fields nobody has looked at yet: Slack adds and omits fields, so each is checked where it is read. */
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

/** The object that `bytes` are the JSON of; undefined when they are not JSON, or not of an object. */
export function parseFields(bytes: Uint8Array): Fields | undefined {
  try {
    // A view, not a copy: this runs once for every request.
    return toFields(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")));
  } catch {
    return undefined;
  }
}
