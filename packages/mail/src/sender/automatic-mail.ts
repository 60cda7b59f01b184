import type { MailHeaders } from "../headers/mail-headers.ts";
import { parseParameters } from "../headers/parameters.ts";

const automaticPrecedences: ReadonlySet<string> = new Set(["bulk", "junk", "auto_reply"]);

/** Headers that only automatic mails have, whatever their value: Exim's of a bounce, and those of absence notes. */
const automaticNames = ["X-Failed-Recipients", "X-Autoreply", "X-Autorespond"].map((name) => [name, name.toLowerCase()] as const);

/**
 * The header that says that a program wrote the mail, such as `Auto-Submitted: auto-replied`. Undefined when none does. Of several headers
 * with one name any may say it: who hands a mail on adds its own.
 */
export function automaticHeader(headers: MailHeaders): string | undefined {
  const submitted = valuesOf(headers, "auto-submitted").find((value) => value !== "" && value !== "no");
  if (submitted !== undefined) return `Auto-Submitted: ${submitted}`;
  const precedence = valuesOf(headers, "precedence").find((value) => automaticPrecedences.has(value));
  if (precedence !== undefined) return `Precedence: ${precedence}`;
  const suppressed = valuesOf(headers, "x-auto-response-suppress").find((value) => value !== "" && value !== "none");
  if (suppressed !== undefined) return `X-Auto-Response-Suppress: ${suppressed}`;
  const named = automaticNames.find(([, name]) => valuesOf(headers, name).some((value) => value !== "" && value !== "no"));
  if (named !== undefined) return named[0];
  // A mail that must not be answered: a bounce or an automatic reply.
  if (headers.raw("return-path")[0]?.replaceAll(/\s/g, "") === "<>") return "Return-Path: <>";
  const [type] = headers.raw("content-type");
  const isReport = type?.toLowerCase().includes("report") === true && parseParameters(type).value === "multipart/report";
  return isReport ? "Content-Type: multipart/report" : undefined;
}

/** The header that says that a mailing list sent the mail, such as `List-Id`. Undefined when none does. An empty header says nothing. */
export function mailingListHeader(headers: MailHeaders): string | undefined {
  if (headers.raw("list-id").some((value) => value !== "")) return "List-Id";
  if (headers.raw("list-post").some((value) => value !== "")) return "List-Post";
  return valuesOf(headers, "precedence").includes("list") ? "Precedence: list" : undefined;
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

/** The values of a header in lower case, without parameters, comments, and what no keyword holds. */
function valuesOf(headers: MailHeaders, name: string): readonly string[] {
  const values = headers.raw(name);
  // Most mails have none of them.
  if (values.length === 0) return values;
  return values.map((raw) =>
    parseParameters(raw)
      .value.slice(0, 60)
      .replaceAll(/\p{Cc}/gu, ""),
  );
}
