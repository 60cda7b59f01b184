import type { MailHeaders } from "./mail-headers.ts";

/** A thread names its mails again and again; its first and last ones say where a mail belongs. */
const maxIds = 100;
const maxLength = 64 * 1024;
const maxIdLength = 998;

/** The ids in headers of a name, each with its angle brackets and without white space. */
export function messageIds(headers: MailHeaders, name: string): readonly string[] {
  const ids: string[] = [];
  for (const raw of headers.raw(name)) {
    const text = raw.slice(0, maxLength);
    for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", start + 1)) {
      const end = text.indexOf(">", start);
      if (end === -1) break;
      const next = text.lastIndexOf("<", end);
      const id = text.slice(next, end + 1).replaceAll(/\s/g, "");
      if (id.length > 2 && id.length <= maxIdLength) ids.push(id);
      start = end;
    }
  }
  return ids.length <= maxIds ? ids : [...ids.slice(0, maxIds / 2), ...ids.slice(-maxIds / 2)];
}

/** The id of the mail itself: a few programs leave the angle brackets out. */
export function messageIdOf(headers: MailHeaders): string | undefined {
  const [id] = messageIds(headers, "message-id");
  if (id !== undefined) return id;
  const bare = (headers.raw("message-id")[0] ?? "").replaceAll(/\s/g, "");
  return bare !== "" && bare.length <= maxIdLength && !/[<>]/.test(bare) ? `<${bare}>` : undefined;
}

/** The root of the thread that a mail belongs to: what its first reference names, or else what it replies to, or the mail itself. */
export function threadOf(headers: MailHeaders): string | undefined {
  return messageIds(headers, "references")[0] ?? messageIds(headers, "in-reply-to")[0] ?? messageIdOf(headers);
}
