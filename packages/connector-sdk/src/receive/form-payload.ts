const ampersand = 0x26;
const equals = 0x3d;
const percent = 0x25;
const plus = 0x2b;
const space = 0x20;

/** A byte takes at most three in a form: `%7B`. */
const growthOfForms = 3;

/** The bytes that a form may have on the wire whose field `name` holds up to `maxBytes`. */
export function maxFormBytes(name: string, maxBytes: number): number {
  return growthOfForms * (Buffer.byteLength(name) + maxBytes) + "=".length;
}

/** Whether a Content-Type header announces a form. */
export function isFormType(contentType: string | undefined): boolean {
  const end = contentType?.indexOf(";") ?? -1;
  const type = end < 0 ? contentType : contentType?.slice(0, end);
  return type?.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/**
 * The value of the first field of that name in a form, in a buffer of its own; undefined when the form has none. Byte by byte as the URL
 * standard decodes: a body of many megabytes becomes no text.
 *
 * @see https://url.spec.whatwg.org/#urlencoded-parsing
 */
export function formField(form: Uint8Array, name: string): Uint8Array | undefined {
  const wanted = Buffer.from(name);
  for (let start = 0; start < form.length; start += 1) {
    const assign = endOfName(form, start, wanted);
    start = endOfEntry(form, assign ?? start);
    if (assign !== undefined) return decoded(form.subarray(Math.min(assign + 1, start), start));
  }
  return undefined;
}

function endOfEntry(form: Uint8Array, start: number): number {
  let end = start;
  while (end < form.length && form[end] !== ampersand) end += 1;
  return end;
}

/** Where the name of an entry ends; undefined when it is another one. */
function endOfName(form: Uint8Array, start: number, wanted: Uint8Array): number | undefined {
  let at = start;
  for (const byte of wanted) {
    const sent = form[at];
    if (sent === undefined || sent === equals || sent === ampersand) return undefined;
    const escaped = escapedByte(form, at);
    if ((escaped < 0 ? asItself(sent) : escaped) !== byte) return undefined;
    at += escaped < 0 ? 1 : escapeLength;
  }
  const next = form[at];
  return next === undefined || next === equals || next === ampersand ? at : undefined;
}

function decoded(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(decodedLength(value));
  let index = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const escaped = escapedByte(value, index);
    bytes[at] = escaped < 0 ? asItself(value[index] ?? 0) : escaped;
    index += escaped < 0 ? 1 : escapeLength;
  }
  return bytes;
}

function decodedLength(value: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < value.length; length += 1) index += escapedByte(value, index) < 0 ? 1 : escapeLength;
  return length;
}

const escapeLength = "%7B".length;
const digits = Int8Array.from({ length: 256 }, (_, code) => "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase()));

/** Of `%7B` the byte 0x7b; -1 for any other byte, and for a percent sign that stands for itself. */
function escapedByte(value: Uint8Array, index: number): number {
  if (value[index] !== percent) return -1;
  const high = digits[value[index + 1] ?? 0] ?? -1;
  const low = digits[value[index + 2] ?? 0] ?? -1;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function asItself(byte: number): number {
  return byte === plus ? space : byte;
}
