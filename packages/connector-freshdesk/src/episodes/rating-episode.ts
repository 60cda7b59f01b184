import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { messageText, oneLine } from "@statewave-connectors/connector-sdk/text";
import type { Account } from "../account.ts";
import type { ItemOf } from "../items.ts";
import { customer, external, frameOf, requesterName } from "./frame.ts";

const words: ReadonlyMap<number, string> = new Map([
  [103, "extremely happy"],
  [102, "very happy"],
  [101, "happy"],
  [100, "neutral"],
  [-101, "unhappy"],
  [-102, "very unhappy"],
  [-103, "extremely unhappy"],
  // Classic surveys have three answers, the best one first.
  [1, "happy"],
  [2, "neutral"],
  [3, "unhappy"],
]);

/** What a customer says of the support that they got. */
export function ratingEpisode({ rating, ticket, names }: ItemOf<"rating">, account: Account): Episode {
  const { id, ticket_id, user_id, feedback } = rating;
  const about = ticket ?? { id: ticket_id, subject: "", requester_id: user_id, company_id: undefined, requester: undefined };
  const title = oneLine(about.subject);
  const value = valueOf(rating.ratings);
  const word = value === undefined ? "" : ` as ${words.get(value) ?? value}`;
  const frame = frameOf(account, about, { type: "freshdesk.rating", id: `ratings/${id}` });
  return {
    ...frame,
    kind: "freshdesk.ticket.rated",
    text: messageText({
      lead: `${customer(about, names)} rated the support${word}`,
      words: feedback,
      about: title === "" ? "" : `re: ${title}`,
    }),
    occurred_at: rating.created_at,
    author: external(requesterName(about, names)),
    metadata: { ...frame.metadata, ...(value !== undefined && { rating: value }) },
    idempotency_key: idempotencyKey("freshdesk", account.domain, "rating", id),
  };
}

/** The answer to the question that each survey has; a survey of one's own may have others besides it. */
function valueOf(ratings: ItemOf<"rating">["rating"]["ratings"]): number | undefined {
  const value = Array.isArray(ratings)
    ? (ratings.find(({ question }) => question === "default_question") ?? ratings[0])?.value
    : (ratings["default_question"] ?? Object.values(ratings)[0]);
  return value ?? undefined;
}
