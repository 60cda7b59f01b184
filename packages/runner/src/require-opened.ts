/** What the runner calls of an opened entry, and whether it may be absent. */
type Members = Readonly<Record<string, "required" | "optional">>;

export const pullMembers: Members = {
  pages: "required",
  range: "optional",
  check: "optional",
  map: "optional",
  fetchItem: "optional",
};

export const pushMembers: Members = {
  pages: "required",
  verify: "optional",
  receive: "optional",
  respond: "optional",
  respondUnverified: "optional",
  identify: "optional",
  check: "optional",
  map: "optional",
  fetchItem: "optional",
};

/** Refuses what `open()` returned when the runner could not call it: connectors of others may be plain JavaScript. */
export function requireOpened(opened: unknown, members: Members): void {
  if (typeof opened !== "object" || opened === null)
    throw new TypeError(`open() returned ${nameOf(opened)} instead of an object`);
  if ("then" in opened) throw new TypeError("open() returned a promise instead of what it opened");
  for (const [name, need] of Object.entries(members)) {
    const member: unknown = Reflect.get(opened, name);
    if (typeof member === "function" || (member === undefined && need === "optional")) continue;
    throw new TypeError(`open() returned an object whose \`${name}\` is ${nameOf(member)} instead of a function`);
  }
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
