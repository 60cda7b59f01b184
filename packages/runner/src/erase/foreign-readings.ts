const mostRounds = 3;
/** Shorter runs of these characters are words. */
const leastEncoded = 16;

/**
 * A foreign text as it is, and as it reads once what it escapes is resolved: in JSON, also JSON in JSON, in a form or URL, in HTML, in
 * base64. For looking into bodies that no connector can map any more.
 */
export function* foreignReadings(text: string): Generator<string, void> {
  for (const reading of roundsOf(text)) {
    yield reading;
    for (const [encoded] of reading.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) yield* decodedBase64(encoded);
  }
}

function* roundsOf(text: string): Generator<string, void> {
  let current = text;
  yield current;
  for (let round = 0; round < mostRounds; round += 1) {
    const next = resolveEscapes(current);
    if (next === current) return;
    current = next;
    yield current;
  }
}

function* decodedBase64(encoded: string): Generator<string, void> {
  if (encoded.length < leastEncoded) return;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  // What is no text decodes to bytes that are no UTF-8.
  if (!decoded.includes("\ufffd")) yield* roundsOf(decoded);
}

function resolveEscapes(text: string): string {
  return text
    .replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"))
    .replaceAll(/\\(?:u([0-9A-Fa-f]{4})|([^u]))/g, (_, code: string | undefined, character: string | undefined) =>
      code === undefined ? (whitespace[character ?? ""] ?? character ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(/&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));/g, (whole, hex: string | undefined, decimal: string | undefined) => {
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
    })
    .replaceAll("&amp;", "&");
}

const whitespace: Readonly<Record<string, string>> = { b: " ", f: " ", n: " ", r: " ", t: " " };
