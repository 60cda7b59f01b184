/** JSON.parse's third argument to a reviver (ES2026), which TypeScript's library of ES2024 does not know. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * Parses JSON. An integer that no `number` holds exactly becomes its digits as a string: rounded, two ids of 64 bits would be one. Linear in
 * the text.
 */
export function parseJson(text: string): unknown {
  // Every integer beyond 2^53 has 16 digits: without such a run the text needs no second pass.
  if (!/[0-9]{16}/.test(text)) return JSON.parse(text);
  return (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, keepBigIntegers);
}

function keepBigIntegers(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || source === undefined || Number.isSafeInteger(value)) return value;
  return /^-?[0-9]+$/.test(source) ? source : value;
}
