/**
 * Where `sentinel` stands in `text`: as it is, escaped for a URL or JSON, or inside base64 or hex. It decodes what looks encoded, and so
 * knows nothing of how the product masks.
 */
export function findLeaks(text: string, sentinel: string): readonly string[] {
  const readings: readonly (readonly [string, string])[] = [
    ["plain", text],
    ["percent-encoded", decodedPercent(text)],
    ["JSON", text.replaceAll("\\", "")],
    ...runs(text, /[A-Za-z0-9+/_-]{16,}/g).map((run) => ["base64", decodedBase64(run)] as const),
    ...runs(text, /(?:[0-9a-f]{2}){12,}/gi).map((run) => ["hex", Buffer.from(run, "hex").toString("latin1")] as const),
  ];
  return readings.flatMap(([form, reading]) => {
    const at = reading.indexOf(sentinel);
    return at === -1 ? [] : [`${form}: …${reading.slice(Math.max(0, at - 80), at + 80)}…`];
  });
}

function runs(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([run]) => run);
}

function decodedPercent(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A run may begin anywhere in the encoded text. */
function decodedBase64(run: string): string {
  return [0, 1, 2, 3].map((offset) => Buffer.from(run.slice(offset), "base64").toString("latin1")).join(" ");
}
