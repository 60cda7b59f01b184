import type { AnswerRow, ProviderOptions } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";

export const hints: NonNullable<ProviderOptions["hints"]> = {
  unauthorized: "set `api_key` to the API key of an agent (Profile settings), and `domain` to the account of that agent",
  forbidden: "give the agent of `api_key` a role that may see this",
  not_found: "check `domain`, and that the agent of `api_key` may see this",
};

/** What requests for ratings are about: plans with the API may lack surveys. */
export const aboutRatings = "the satisfaction ratings";
const withoutRatings = "set `ratings = false`, or change to a plan of Freshdesk that has satisfaction surveys";

/** What Freshdesk says otherwise than most. `code` is Freshdesk's own word in the body. */
export const answers: readonly AnswerRow[] = [
  // The limits of single endpoints lie below that of the account: while requests are left, only this lane is used up.
  ({ status, headers }) =>
    status === 429 ? { is: "rate_limited", everyLane: !(Number(headers.get("x-ratelimit-remaining")) > 0) } : undefined,
  ({ status, body, about }) => (status === 403 ? ofPlan(codeOf(body), about) : undefined),
];

function ofPlan(code: string | undefined, about: string | undefined) {
  if (code !== "require_feature" && code !== "account_suspended") return undefined;
  if (code === "require_feature" && about === aboutRatings)
    return { is: "forbidden", code: "FRESHDESK_PLAN_WITHOUT_RATINGS", hint: withoutRatings } as const;
  const hint =
    code === "require_feature"
      ? "change to a plan of Freshdesk that has the API: the free one has none"
      : "check the account at Freshdesk: it is suspended";
  return { is: "forbidden", code: "FRESHDESK_PLAN_WITHOUT_API", hint } as const;
}

function codeOf(body: unknown): string | undefined {
  return stringField(toFields(body), "code");
}
