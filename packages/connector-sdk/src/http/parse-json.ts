/** JSON.parse's third argument to a reviver (ES2026), which TypeScript's library of ES2024 does not know. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Parses JSON. An integer that no `number` holds exactly becomes its digits as a string: rounded, two ids of 64 bits would be one. Linear in
 * the text.
 */
export function parseJson(text: string): unknown {
  // Every integer beyond 2^53 has 16 digits: without such a run the text needs no second pass.
  if (!hasDigits(text, 16)) return JSON.parse(text);
  return (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, keepBigIntegers);
}

/** Whether so many digits stand in a row. Looks at one character in so many: a run of them covers one of those. */
function hasDigits(text: string, count: number): boolean {
  for (let at = count - 1; at < text.length; at += count) {
    if (!isDigit(text, at)) continue;
    let start = at;
    while (isDigit(text, start - 1)) start -= 1;
    while (isDigit(text, at + 1)) at += 1;
    if (at - start + 1 >= count) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function keepBigIntegers(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || source === undefined || Number.isSafeInteger(value)) return value;
  return /^-?[0-9]+$/.test(source) ? source : value;
}
