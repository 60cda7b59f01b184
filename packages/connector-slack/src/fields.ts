/** A JSON object whose fields were not checked yet: Slack adds and omits fields, so each is checked where it is read. */
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

/** The facts that are known. */
export function withoutUndefined(facts: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
