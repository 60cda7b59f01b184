import { latin1 } from "./latin1.ts";

/** UTF-7, which no `TextDecoder` has. What is no sequence stays as it stands. */
export function decodeUtf7(bytes: Uint8Array): string {
  const text = latin1(bytes);
  const parts: string[] = [];
  let from = 0;
  for (let plus = text.indexOf("+"); plus !== -1; plus = text.indexOf("+", from)) {
    parts.push(text.slice(from, plus));
    let end = plus + 1;
    while (end < text.length && isBase64(text.charCodeAt(end))) end += 1;
    const isEnded = text.charAt(end) === "-";
    parts.push(end === plus + 1 ? "+" : decodeSequence(text.slice(plus + 1, end)));
    from = isEnded ? end + 1 : end;
  }
  return [...parts, text.slice(from)].join("");
}

function decodeSequence(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  // Big-endian UTF-16; an odd byte is padding.
  return bytes
    .subarray(0, bytes.length - (bytes.length % 2))
    .swap16()
    .toString("utf16le");
}

function isBase64(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2b ||
    code === 0x2f
  );
}
