import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { canonicalAddress } from "../headers/addresses.ts";
import type { Mail, MailAddress } from "../mail.ts";

export type MailDirection = "received" | "sent";

/** With whom the owner of a mailbox exchanged a mail. */
export interface Counterparty {
  readonly direction: MailDirection;
  /** Their one spelling, see `canonicalAddress`. */
  readonly address: string;
  readonly name: string;
  /** `relationship:` and the address, in the characters that Statewave accepts. */
  readonly subject: string;
}

/** What is known beside the mail itself. */
export interface CounterpartyOptions {
  /** Where the mailbox says it, by a label or by its folder: anyone can write the own address into `From`. Default: by `From`. */
  readonly direction?: MailDirection | undefined;
}

/**
 * The other side of a mail: its sender, or the first receiver that is not the owner. Of a mail to oneself it is the owner. Undefined when the
 * mail names none.
 *
 * @param ownAddresses All addresses of the owner. Tags behind `+` and upper case do not matter.
 */
export function counterparty(
  mail: Pick<Mail, "from" | "sender" | "to" | "cc" | "bcc">,
  ownAddresses: readonly string[],
  options: CounterpartyOptions = {},
): Counterparty | undefined {
  const own = new Set(ownAddresses.map((address) => canonicalAddress(address)));
  const isOwn = ({ address }: MailAddress) => own.has(canonicalAddress(address));
  const direction = options.direction ?? (mail.from.some(isOwn) ? "sent" : "received");
  const senders = [...mail.from, ...mail.sender];
  const receivers = [...mail.to, ...mail.cc, ...mail.bcc];
  const others = direction === "sent" ? receivers : [...senders, ...receivers];
  const found = firstUsable(others.filter((address) => !isOwn(address))) ?? firstUsable([...senders, ...receivers]);
  return found === undefined ? undefined : { direction, ...found, subject: canonicalSubject(`relationship:${found.address}`) };
}

function firstUsable(addresses: readonly MailAddress[]): { readonly address: string; readonly name: string } | undefined {
  for (const { name, address } of addresses) {
    const canonical = canonicalAddress(address);
    if (canonical !== undefined) return { address: canonical, name };
  }
  return undefined;
}
