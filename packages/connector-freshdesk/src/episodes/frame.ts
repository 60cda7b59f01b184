import type { Author, Episode } from "@statewave-connectors/connector-sdk";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { type Account, subjectOf, ticketUrl } from "../account.ts";
import type { Brief, ItemNames } from "../items.ts";

type Framed = Pick<Episode, "subject" | "source" | "session" | "title" | "metadata">;

/** What all episodes of a ticket have in common. */
export function frameOf(
  account: Account,
  ticket: Omit<Brief, "requester">,
  pointer: { readonly type: string; readonly id?: string },
): Framed {
  const { domain } = account;
  const { id, requester_id, company_id } = ticket;
  const title = oneLine(ticket.subject);
  const place = `${domain}/tickets/${id}`;
  return {
    subject: subjectOf(account, { ticketId: id, requesterId: requester_id, companyId: company_id }),
    source: {
      type: pointer.type,
      id: pointer.id === undefined ? place : `${place}/${pointer.id}`,
      url: ticketUrl(domain, id),
    },
    session: `freshdesk-${domain}-${id}`,
    ...(title !== "" && { title }),
    metadata: { ticket_id: id, requester_id, ...(company_id !== undefined && { company_id }) },
  };
}

/** The customer by name. */
export function requesterName({ requester }: Pick<Brief, "requester">, names: ItemNames): string {
  return oneLine(requester?.name ?? "") || names.requester || "a customer";
}

/** The customer by name and company. */
export function customer(ticket: Pick<Brief, "requester">, names: ItemNames): string {
  const name = requesterName(ticket, names);
  return names.company === undefined ? name : `${name} (${names.company})`;
}

export function external(name: string): Author {
  return { name, kind: "external", verifiedBy: "freshdesk.incoming" };
}

export function member(name: string): Author {
  return { name, kind: "member", verifiedBy: "freshdesk.incoming" };
}
