import type { RedactText } from "./command.ts";

/** Deeper values are left out. */
const mostLevels = 24;

/**
 * The value with private data replaced in the fields that paths such as `letters[].reason` name, and in all below them. `[]` stands for each
 * item of a list.
 */
export function redactForeign(value: unknown, paths: readonly string[], redact: RedactText): unknown {
  return paths.reduce((result, path) => redactAt(result, path.split("."), redact), value);
}

function redactAt(value: unknown, path: readonly string[], redact: RedactText): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return redactAll(value, "", redact, 0);
  if (!isRecord(value)) return value;
  const key = segment.replace(/\[\]$/, "");
  if (!Object.hasOwn(value, key)) return value;
  const inner = value[key];
  if (rest.length === 0 && !segment.endsWith("[]")) return { ...value, [key]: redactAll(inner, key, redact, 0) };
  const mapped = Array.isArray(inner) ? inner.map((item) => redactAt(item, rest, redact)) : redactAt(inner, rest, redact);
  return { ...value, [key]: mapped };
}

function redactAll(value: unknown, name: string, redact: RedactText, level: number): unknown {
  if (typeof value === "string") return redact(value, name);
  if (typeof value !== "object" || value === null) return value;
  if (level >= mostLevels) return "[…]";
  if (Array.isArray(value)) return value.map((item) => redactAll(item, name, redact, level + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [redact(key, ""), redactAll(inner, key, redact, level + 1)]),
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
