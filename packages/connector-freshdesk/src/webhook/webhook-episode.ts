import { ConnectorsError, type Episode, idempotencyKey, type ReceivedEvent } from "@statewave-connectors/connector-sdk";
import { cleanText, foldPlainText, headline, htmlToText, messageText, oneLine } from "@statewave-connectors/connector-sdk/text";
import { ticketSubject, ticketUrl } from "../account.ts";
import { customerOf, type FreshdeskDelivery, readDelivery, textOf } from "./delivery.ts";
import { type Word, wordOf } from "./receive.ts";

const outcomes: ReadonlyMap<string, string> = new Map([
  ["4", "resolved"],
  ["5", "closed"],
]);

/** What a webhook itself says: under kinds and keys of its own, because it has neither the ids nor the times that the API has. */
export function webhookEpisode(received: ReceivedEvent, domain: string): Episode {
  const delivery = readDelivery(received);
  const word = delivery === undefined ? undefined : wordOf(delivery);
  if (delivery?.ticketId === undefined || word === undefined) throw unmappable();
  const { ticketId } = delivery;
  const title = oneLine(cleanText(textOf(delivery, "subject")));
  const customer = oneLine(cleanText(customerOf(delivery))) || "a customer";
  return {
    subject: ticketSubject(domain, ticketId),
    kind: word === "deleted" ? "freshdesk.ticket.deleted" : `freshdesk.webhook.${word}`,
    ...(title !== "" && { title }),
    source: { type: "freshdesk.webhook", id: `${domain}/tickets/${ticketId}`, url: ticketUrl(domain, ticketId) },
    session: `freshdesk-${domain}-${ticketId}`,
    occurred_at: new Date(received.receivedAtMs).toISOString(),
    metadata: { ticket_id: ticketId },
    idempotency_key: idempotencyKey("freshdesk", domain, ticketId, "webhook", word, ...discriminator(word, received)),
    ...saying(word, { delivery, title, customer }),
  };
}

interface Said {
  readonly delivery: FreshdeskDelivery;
  readonly title: string;
  readonly customer: string;
}

function saying(word: Word, { delivery, title, customer }: Said): Pick<Episode, "text" | "author" | "outcome"> {
  switch (word) {
    case "created": {
      const body = htmlToText(cleanText(textOf(delivery, "description")));
      const text = foldPlainText(headline(`${customer} opened a ticket`, title), body);
      return { text, author: { name: customer, kind: "external" } };
    }
    case "deleted":
      return { text: headline(`Deleted for ${customer}`, title) };
    case "commented": {
      const about = title === "" ? "" : `re: ${title}`;
      return { text: messageText({ lead: `Reply for ${customer}`, words: htmlToText(commentOf(delivery)), about }) };
    }
    case "status_changed": {
      const status = oneLine(cleanText(textOf(delivery, "status"))) || `status ${delivery.event?.to ?? ""}`;
      const outcome = outcomes.get(delivery.event?.to ?? "");
      const text = headline(`${status}, for ${customer}`, title);
      return { text, ...(outcome !== undefined && { outcome: { status: outcome } }) };
    }
  }
}

function commentOf(delivery: FreshdeskDelivery): string {
  return cleanText(textOf(delivery, "latest_public_comment"));
}

/** A ticket is created and deleted once. Of anything else only the body says whether it happened before. */
function discriminator(word: Word, { body }: ReceivedEvent): readonly string[] {
  return word === "status_changed" || word === "commented" ? [Buffer.from(body).toString("base64")] : [];
}

function unmappable(): ConnectorsError {
  return new ConnectorsError({
    code: "FRESHDESK_WEBHOOK_UNMAPPABLE",
    message: "a webhook is no JSON object with the id of a ticket and what happened to it",
    hint: "give the rule the body that the README shows, or set `pull` to the name of a [[pull.freshdesk]] entry, which needs none",
  });
}
