import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { foldPlainText, headline } from "@statewave-connectors/connector-sdk/text";
import type { Account } from "../account.ts";
import { type ItemOf, ownStatuses } from "../items.ts";
import { bodyOf } from "./body.ts";
import { customer, external, frameOf, member, requesterName } from "./frame.ts";

/** A mail that an agent wrote to a customer, as a ticket of that customer. */
const outboundMail = 10;

/** The opening of a ticket, and the latest of each of its transitions: Freshdesk lists no earlier ones. */
export function ticketEpisodes(item: ItemOf<"ticket">, account: Account): readonly Episode[] {
  return [opened(item, account), ...transitions(item, account)];
}

function opened({ ticket, names }: ItemOf<"ticket">, account: Account): Episode {
  const who = customer(ticket, names);
  const isOutbound = ticket.source === outboundMail;
  // Which agent wrote it is not listed; the one in charge may be another.
  const lead = isOutbound ? `An agent wrote to ${who}` : `${who} opened a ticket`;
  const body = bodyOf(ticket.description, ticket.description_text, ticket.attachments ?? []);
  return {
    ...frameOf(account, ticket, { type: "freshdesk.ticket" }),
    kind: "freshdesk.ticket.created",
    text: foldPlainText(headline(lead, ticket.subject), body),
    occurred_at: ticket.created_at,
    author: isOutbound ? member("an agent") : external(requesterName(ticket, names)),
    idempotency_key: idempotencyKey("freshdesk", account.domain, ticket.id, "created"),
  };
}

function transitions({ ticket, names }: ItemOf<"ticket">, account: Account): readonly Episode[] {
  const { stats, status } = ticket;
  const who = customer(ticket, names);
  const make = (word: string, lead: string, at: string | undefined, more: Partial<Episode>, part?: number): Episode[] => {
    if (at === undefined) return [];
    const frame = frameOf(account, ticket, { type: "freshdesk.ticket.transition", id: word });
    const agent = names.agent === undefined ? "" : `The agent is ${names.agent}.`;
    return [
      {
        ...frame,
        kind: `freshdesk.ticket.${word}`,
        text: foldPlainText(headline(lead, ticket.subject), agent),
        occurred_at: at,
        // The time of the transition: a ticket is resolved as often as it is reopened.
        idempotency_key: idempotencyKey("freshdesk", account.domain, ticket.id, word, part, at),
        ...more,
      },
    ];
  };
  const isNamed = !ownStatuses.has(String(status));
  const changedAt = isNamed ? stats?.status_updated_at : undefined;
  const statusName = names.status ?? `status ${status}`;
  return [
    ...make("resolved", `Resolved for ${who}`, stats?.resolved_at, { outcome: { status: "resolved" } }),
    ...make("closed", `Closed for ${who}`, stats?.closed_at, { outcome: { status: "closed" } }),
    ...make("reopened", `Reopened for ${who}`, stats?.reopened_at, { outcome: { status: "reopened" } }),
    ...make("status_changed", `${statusName}, for ${who}`, changedAt, {}, status),
  ];
}
