/** Lines of a multi-line secret that are shorter say little and could stand anywhere. */
const shortestLine = 12;

/**
 * How a secret may stand in a text: as it is, escaped in a URL, a form or JSON, and inside base64 (at any offset, so also as the password
 * of a Basic header) or hex. Of a secret of several lines, such as a private key, also each line.
 */
export function spellingsOf(secret: string): ReadonlySet<string> {
  const json = jsonEscaped(secret);
  const spellings = new Set([secret, json, jsonEscaped(json), ...urlSpellings(secret), ...base64Spellings(secret)]);
  spellings.add(Buffer.from(secret, "utf8").toString("hex"));
  for (const line of linesOf(secret)) spellings.add(line);
  return spellings;
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function urlSpellings(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  return [percent, form, lowerEscapes(percent), lowerEscapes(form)];
}

function lowerEscapes(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** The characters that every base64 text holds in which the secret begins at a multiple of three bytes, or one or two behind it. */
function base64Spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const whole = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** Line ends are real ones or, as in many environment variables, a backslash and an n. The lines around a PEM are no secret. */
function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n|\\n/);
  return lines.length === 1
    ? []
    : lines.map((line) => line.trim()).filter((line) => line.length >= shortestLine && !line.startsWith("-----"));
}
