import { cutText, foldPlainText, headline, maxTextBytes, shorten } from "@statewave-connectors/connector-sdk/text";
import type { Mail, MailAddress, MailAttachment } from "../mail.ts";
import { trimReply, type TrimOptions } from "../reply/trim-reply.ts";
import { readSubject } from "./subject-line.ts";

const maxName = 40;
const maxAttached = 30;
/** Own words below a longer quote are not looked for. Characters. */
const maxRead = 256 * 1024;
/** So much of a text stays free for the names of the attachments. */
const attachedBytes = 2048;

const verbs = { new: "wrote to", reply: "replied to", forward: "forwarded to" } as const;

/**
 * The text of a mail: who wrote whom about what, its own words, and the names of its attachments.
 *
 * @example "Ann Lee replied to Ben Ode: Budget 2027\nThe numbers are final. Attached: budget.xlsx"
 */
export function mailEpisodeText(mail: Mail, trim: Omit<TrimOptions, "isForward"> = {}): string {
  const { title, is } = readSubject(mail.subject);
  const lead = `${nameOf(mail.from[0] ?? mail.sender[0]) ?? "Someone"} ${verbs[is]} ${receiversOf(mail)}`;
  const words = cutText(
    trimReply(mail.text.slice(0, maxRead), { ...trim, isForward: is === "forward" }),
    maxTextBytes - attachedBytes,
  );
  const body = [words, attachedOf(mail.attachments)].filter((part) => part !== "").join("\n\n");
  return foldPlainText(headline(lead, title), body);
}

/** A name for readers; the address where the mail gives none, or one that looks like an address. */
function nameOf(address: MailAddress | undefined): string | undefined {
  if (address === undefined) return undefined;
  const name = address.name.replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, "").trim();
  return shorten(name === "" || /\S@\S/.test(name) ? address.address || name : name, maxName);
}

function receiversOf({ to, cc, bcc }: Mail): string {
  const [first, ...others] = [...to, ...cc, ...bcc];
  const name = nameOf(first) ?? "undisclosed recipients";
  if (others.length === 0) return name;
  return `${name} and ${others.length} ${others.length === 1 ? "other" : "others"}`;
}

function attachedOf(attachments: readonly MailAttachment[]): string {
  const names = attachments.map(({ name, contentType, note }) => {
    const shown = shorten(name === "" ? contentType : name, 100);
    return note === undefined ? shown : `${shown} (${note})`;
  });
  if (names.length === 0) return "";
  const others = names.length - maxAttached;
  return `Attached: ${[...names.slice(0, maxAttached), ...(others > 0 ? [`${others} more`] : [])].join(", ")}`;
}
