/** Maps a text; `name` is its key, "" for none. */
export type MapText = (text: string, name: string) => string;

const maxDepth = 64;
/** Shorter numbers are counts, times and ids; a card number has 12 digits or more. */
const fewestDigits = 12;

/** A copy of a JSON-able value with every text in it mapped, and every long number whose digits are. Keys stay. */
export function mapTexts(value: unknown, mapText: MapText, name = "", depth = 0): unknown {
  if (typeof value === "string") return mapText(value, name);
  if (typeof value === "number" || typeof value === "bigint") return mapNumber(value, mapText, name);
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return "[…]";
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, mapText, name, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, mapText, key, depth + 1)]));
}

function mapNumber(value: number | bigint, mapText: MapText, name: string): unknown {
  const digits = String(value);
  if (digits.length < fewestDigits) return value;
  const mapped = mapText(digits, name);
  return mapped === digits ? value : mapped;
}
