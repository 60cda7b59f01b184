import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import type { MailHeaders } from "../headers/mail-headers.ts";
import { readHeaderBlock } from "../headers/read-headers.ts";
import { mailLimits } from "../mail-limits.ts";

const maxRecipients = 20;
const maxReason = 300;

const failed = "Could not be delivered to";

const outcomes: ReadonlyMap<string, string> = new Map([
  ["failed", failed],
  ["delayed", "Not yet delivered to"],
  ["delivered", "Delivered to"],
  ["relayed", "Passed on, without a confirmation, to"],
  ["expanded", "Passed on to the members of"],
]);

/** Who could not be reached and why, one line for each recipient. Empty where the report does not say. */
export function summarizeDelivery(report: Uint8Array): string {
  const lines: string[] = [];
  for (const group of groupsOf(report)) {
    const recipient = valueOf(group, "original-recipient") || valueOf(group, "final-recipient");
    if (recipient === "") continue;
    const action = (group.get("action") ?? "failed").toLowerCase().split(/[\s(]/, 1)[0] ?? "";
    const reason = valueOf(group, "diagnostic-code") || (group.get("status") ?? "");
    const lead = outcomes.get(action) ?? failed;
    const why = reason === "" || action === "delivered" ? "" : ` (${shorten(oneLine(reason), maxReason)})`;
    lines.push(`${lead} ${shorten(recipient, maxReason)}${why}`);
    if (lines.length === maxRecipients) break;
  }
  return lines.join("\n");
}

/** What became of a mail at its receiver, in one line. Empty where the report does not say. */
export function summarizeReceipt(report: Uint8Array): string {
  const [group] = groupsOf(report);
  const disposition = group?.get("disposition")?.split(";").at(-1)?.trim().toLowerCase().split(/[/\s]/, 1)[0] ?? "";
  const recipient = group === undefined ? "" : valueOf(group, "final-recipient");
  return disposition === "" || recipient === ""
    ? ""
    : `${shorten(recipient, maxReason)}: the mail was ${shorten(disposition, 40)}`;
}

/** `rfc822; ann@example.com` without the type in front. */
function valueOf(group: MailHeaders, name: string): string {
  const value = group.get(name) ?? "";
  const type = /^\s*[a-z0-9-]+\s*;/i.exec(value)?.[0] ?? "";
  return oneLine(value.slice(type.length)).replace(/^<([^<>]*)>$/, "$1");
}

/** Fields in groups, between empty lines. */
function groupsOf(report: Uint8Array): readonly MailHeaders[] {
  const groups: MailHeaders[] = [];
  let rest = report.subarray(0, mailLimits.maxHeaderBytes);
  while (rest.length > 0 && groups.length <= maxRecipients * 2) {
    const { headers, bodyAt } = readHeaderBlock(rest, mailLimits);
    if (headers.all.length > 0) groups.push(headers);
    // A line that is no field ends the report.
    else if (bodyAt === 0) break;
    rest = rest.subarray(bodyAt);
  }
  return groups;
}

/** Where a server writes the reason below the address of each recipient, and a copy of the mail below that. */
const copyMarks = ["--- Below this line is a copy", "------ This is a copy of"];

/** The lines of {@link summarizeDelivery} for a failure that Exim or qmail reports in words alone. Empty for any other mail. */
export function summarizeFailure(headers: MailHeaders, text: string): string {
  const recipients = headers.raw("x-failed-recipients").flatMap((raw) => raw.split(","));
  const isQmail = text.startsWith("Hi. This is the ");
  if (recipients.length === 0 && !isQmail) return "";
  const named = new Set(recipients.map((recipient) => recipient.trim()));
  const lines = linesBeforeCopy(text);
  const found = lines.flatMap((line, at) => {
    const recipient = /^<([^<>]{1,300})>:$/.exec(line.trim())?.[1] ?? line.trim();
    const isRecipient = named.has(recipient) || (isQmail && line.startsWith("<") && line.endsWith(">:"));
    return isRecipient ? [`${failed} ${recipient}${reasonBelow(lines, at)}`] : [];
  });
  return (
    found.slice(0, maxRecipients).join("\n") ||
    [...named]
      .slice(0, maxRecipients)
      .map((recipient) => `${failed} ${recipient}`)
      .join("\n")
  );
}

function linesBeforeCopy(text: string): readonly string[] {
  const lines = text.slice(0, mailLimits.maxHeaderBytes).split("\n");
  const copy = lines.findIndex((line) => copyMarks.some((mark) => line.startsWith(mark)));
  return copy === -1 ? lines : lines.slice(0, copy);
}

function reasonBelow(lines: readonly string[], at: number): string {
  const below = lines.slice(at + 1, at + 6);
  const end = below.findIndex((line) => line.trim() === "");
  const reason = oneLine((end === -1 ? below : below.slice(0, end)).join(" "));
  return reason === "" ? "" : ` (${shorten(reason, maxReason)})`;
}
