import type { MailHeaders } from "../headers/mail-headers.ts";
import { parseParameters } from "../headers/parameters.ts";

const automaticPrecedences: ReadonlySet<string> = new Set(["bulk", "junk", "auto_reply"]);

/** The header that says that a program wrote the mail, such as `Auto-Submitted: auto-replied`. Undefined when none does. */
export function automaticHeader(headers: MailHeaders): string | undefined {
  const submitted = valueOf(headers, "auto-submitted");
  if (submitted !== "" && submitted !== "no") return `Auto-Submitted: ${submitted}`;
  const precedence = valueOf(headers, "precedence");
  if (automaticPrecedences.has(precedence)) return `Precedence: ${precedence}`;
  const suppressed = valueOf(headers, "x-auto-response-suppress");
  if (suppressed !== "" && suppressed !== "none") return `X-Auto-Response-Suppress: ${suppressed}`;
  // A mail that must not be answered: a bounce or an automatic reply.
  if (headers.raw("return-path")[0]?.replaceAll(/\s/g, "") === "<>") return "Return-Path: <>";
  const mayBeReport = headers.raw("content-type")[0]?.toLowerCase().includes("report") === true;
  return mayBeReport && valueOf(headers, "content-type") === "multipart/report" ? "Content-Type: multipart/report" : undefined;
}

/** The header that says that a mailing list sent the mail, such as `List-Id`. Undefined when none does. */
export function mailingListHeader(headers: MailHeaders): string | undefined {
  if (headers.raw("list-id").length > 0) return "List-Id";
  if (headers.raw("list-post").length > 0) return "List-Post";
  return valueOf(headers, "precedence") === "list" ? "Precedence: list" : undefined;
}

/** What an entry keeps besides the mails of people. */
export interface KeptMails {
  readonly automatic: boolean;
  readonly mailing_lists: boolean;
}

/** Why an entry leaves a mail out; undefined: it is kept. */
export function whyLeftOut(headers: MailHeaders, kept: KeptMails): "mailing_list" | "automatic" | undefined {
  if (!kept.mailing_lists && mailingListHeader(headers) !== undefined) return "mailing_list";
  return !kept.automatic && automaticHeader(headers) !== undefined ? "automatic" : undefined;
}

/** The first value of a header in lower case, without parameters and comments. */
function valueOf(headers: MailHeaders, name: string): string {
  const [raw] = headers.raw(name);
  return raw === undefined ? "" : parseParameters(raw).value.slice(0, 60);
}
