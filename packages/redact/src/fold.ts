/** A text as rules match it, and where its characters stand in the original. */
export interface Folded {
  readonly text: string;
  /** Position in `text` → position in the original; absent when they are the same. One more entry than characters. */
  readonly offsets?: Uint32Array;
}

/** What is folded: odd spaces, invisible characters, hyphens, full-width forms, digits of other scripts. */
const foldable =
  /[\u00a0\u00ad\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\u180e\u2000-\u200f\u2010-\u2013\u202a-\u202f\u205f-\u2064\u2066-\u2069\u2212\u3000\ufe52\ufe6b\ufeff\uff01-\uff5e]/;

const noOffset = -1;

/**
 * Full-width forms, digits of other scripts, odd spaces and hyphens become their ASCII counterparts; characters without a width are passed
 * over. An address or a token is thus found however it was pasted, and the original stays as it is around it.
 */
export function fold(text: string): Folded {
  const first = text.search(foldable);
  if (first < 0) return { text };
  const codes = new Uint16Array(text.length);
  const offsets = new Uint32Array(text.length + 1);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = at < first ? text.charCodeAt(at) : foldCode(text.charCodeAt(at));
    if (code === noOffset) continue;
    codes[length] = code;
    offsets[length] = at;
    length += 1;
  }
  offsets[length] = text.length;
  return { text: Buffer.from(codes.buffer, 0, length * 2).toString("utf16le"), offsets };
}

/** The first digit of scripts whose digits are folded. */
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50];

function foldCode(code: number): number {
  if (code < 0xa0) return code;
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  if (isInvisible(code)) return noOffset;
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x205f || code === 0x3000) return 0x20;
  if ((code >= 0x2010 && code <= 0x2013) || code === 0x2212) return 0x2d;
  if (code === 0xfe52) return 0x2e;
  if (code === 0xfe6b) return 0x40;
  for (const zero of zeros) if (code >= zero && code <= zero + 9) return code - zero + 0x30;
  return code;
}

function isInvisible(code: number): boolean {
  return (
    code === 0xad ||
    code === 0x180e ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2064) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0xfeff
  );
}
