import { hash } from "node:crypto";
import { canonicalAddress } from "../headers/addresses.ts";
import type { MailHeaders } from "../headers/mail-headers.ts";
import { messageIdOf } from "../headers/message-ids.ts";

const identifying = ["from", "to", "date", "subject"] as const;

/**
 * The parts of a mail's idempotency key: the same in every folder, after each renumbering and by each way it is read, and another one for a
 * different mail with the same `Message-ID`.
 *
 * @param body Of a mail without `Message-ID`: what distinguishes its body, such as `Mail.fingerprint`.
 */
export function messageKey(account: string, headers: MailHeaders, body: string | (() => string) = ""): readonly string[] {
  const mailbox = canonicalAddress(account) ?? account.trim().toLowerCase();
  const id = messageIdOf(headers);
  if (id !== undefined) {
    const values = identifying.map((name) => [name, ...headers.raw(name).map((raw) => plain(raw))]);
    return [mailbox, id, digest(JSON.stringify(values))];
  }
  const all = headers.all.map(({ name, raw }) => [name, plain(raw)]);
  return [mailbox, "", digest(JSON.stringify(all) + (typeof body === "string" ? body : body()))];
}

/** Servers fold headers anew. */
function plain(raw: string): string {
  return (/\s{2}|[^\S ]/.test(raw) ? raw.replaceAll(/\s+/g, " ") : raw).trim();
}

function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}
