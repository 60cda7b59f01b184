import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { headline, oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import { formatAddress, type Mail, type MailAddress } from "@statewave-connectors/mail";
import type { MailMessage } from "./mail-message.ts";
import type { MailChange } from "./raw-mail.ts";

/** A mail to which something happened. */
interface ChangedMail {
  readonly mail: Mail;
  readonly message: MailMessage;
  /** The address of the mailbox. */
  readonly account: string;
  readonly change: Extract<MailChange, { type: "labels" }> | (MailChange & { readonly type: "trashed" });
}

const maxName = 40;

/** The episode of a change, beside that of the mail itself: it does not repeat the mail's words. */
export function changeEpisode(of: Episode, { mail, message, account, change }: ChangedMail): Episode {
  const kind = change.type === "labels" ? "gmail.message.labels_changed" : "gmail.message.deleted";
  const lead = change.type === "labels" ? leadOfLabels(change) : "A mail was moved to the trash";
  const title = of.title ?? "(no subject)";
  return {
    ...of,
    kind,
    text: headline(lead, `${title} (${partiesOf(mail)})`),
    occurred_at: toInstant(change.at * 1_000),
    source: { ...of.source, type: kind },
    author: { name: account, kind: "self" },
    idempotency_key: idempotencyKey("gmail", account, message.id, kind, change.record),
    metadata: withoutUndefined<unknown>({
      account,
      message_id: message.id,
      thread_id: message.threadId,
      ...(change.type === "labels" && { labels_added: change.added, labels_removed: change.removed }),
    }),
  };
}

function leadOfLabels({ added, removed }: Extract<MailChange, { type: "labels" }>): string {
  const parts = [
    ...(added.length > 0 ? [`got the label ${namesOf(added)}`] : []),
    ...(removed.length > 0 ? [`lost the label ${namesOf(removed)}`] : []),
  ];
  return `A mail ${parts.join(" and ")}`;
}

function namesOf(labels: readonly string[]): string {
  return labels.map((label) => shorten(oneLine(label), maxName)).join(", ");
}

function partiesOf({ from, to }: Mail): string {
  return to[0] === undefined ? `from ${nameOf(from[0])}` : `from ${nameOf(from[0])} to ${nameOf(to[0])}`;
}

function nameOf(address: MailAddress | undefined): string {
  if (address === undefined) return "an unknown sender";
  return shorten(oneLine(address.name === "" ? formatAddress(address) : address.name), maxName);
}
