/** A text as rules match it, and where its characters stand in the original. */
export interface Folded {
  readonly text: string;
  /** Position in `text` → position in the original; absent when they are the same. One more entry than characters. */
  readonly offsets?: Uint32Array;
}

const noOffset = -1;

/** Whether a character is matched as another one, or passed over: odd spaces and hyphens, full-width forms, digits of other scripts, what is invisible. */
export function isFoldable(code: number): boolean {
  // Behind the end of a text it is not a number. Latin, Greek, Cyrillic and Hebrew, then Chinese, Japanese and Korean: nothing in most texts.
  if (!(code >= 0xa0) || (code > 0xad && code < 0x660) || (code > 0x3000 && code < 0xfe52)) return false;
  return foldCode(code) !== code;
}

/**
 * Full-width forms, digits of other scripts, odd spaces and hyphens become their ASCII counterparts; characters without a width are passed
 * over. An address or a token is thus found however it was pasted, and the original stays as it is around it.
 */
export function fold(text: string): Required<Folded> {
  const codes = new Uint16Array(text.length);
  const offsets = new Uint32Array(text.length + 1);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = foldCode(text.charCodeAt(at));
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
