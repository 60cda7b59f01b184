import { cleanText } from "@statewave-connectors/connector-sdk/text";

const maxDepth = 16;

/**
 * A deep copy of `value` that the wire can carry: NUL and lone surrogates gone from keys and strings, dates and big integers as text,
 * other numbers that JSON cannot write as null, functions and symbols left out. Undefined when it is larger than `maxBytes` (UTF-8, as
 * JSON before escaping), nested deeper than 16 levels, circular, or throws when read: whatever a connector puts in, this ends.
 */
export function cleanJsonObject(value: object, maxBytes: number): Record<string, unknown> | undefined {
  const budget: Budget = { bytes: maxBytes };
  try {
    return cleanObject(value, budget, 0);
  } catch {
    return undefined;
  }
}

interface Budget {
  bytes: number;
}

function spend(budget: Budget, bytes: number): void {
  budget.bytes -= bytes;
  if (budget.bytes < 0) throw new RangeError("over the limit");
}

function clean(value: unknown, budget: Budget, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return cleanString(value, budget);
    case "number":
      spend(budget, 4);
      return Number.isFinite(value) ? value : null;
    case "boolean":
      spend(budget, 4);
      return value;
    case "bigint":
      return cleanString(value.toString(), budget);
    case "object":
      if (value === null) {
        spend(budget, 4);
        return null;
      }
      if (depth >= maxDepth) throw new RangeError("too deep");
      if (value instanceof Date) return cleanString(value.toISOString(), budget);
      return Array.isArray(value) ? cleanArray(value, budget, depth) : cleanObject(value, budget, depth);
    case "undefined":
    case "function":
    case "symbol":
  }
  return undefined;
}

function cleanString(text: string, budget: Budget): string {
  const cleaned = cleanText(text);
  spend(budget, Buffer.byteLength(cleaned) + 2);
  return cleaned;
}

function cleanArray(items: readonly unknown[], budget: Budget, depth: number): unknown[] {
  spend(budget, 2 + items.length);
  return items.map((item) => clean(item, budget, depth + 1) ?? null);
}

function cleanObject(value: object, budget: Budget, depth: number): Record<string, unknown> {
  spend(budget, 2);
  // Without a prototype a key `__proto__` is a key like any other.
  const copy: Record<string, unknown> = Object.setPrototypeOf({}, null);
  const fields = value as Readonly<Record<string, unknown>>;
  // Not `entries`: this runs for every episode.
  for (const key of Object.keys(fields)) {
    const cleaned = clean(fields[key], budget, depth + 1);
    if (cleaned === undefined) continue;
    copy[cleanString(key, budget)] = cleaned;
    spend(budget, 2);
  }
  return copy;
}
