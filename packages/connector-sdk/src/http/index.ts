// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { systemCodeOf, toNetworkError } from "./network-error.ts";
export type { NetworkRoute } from "./network-route.ts";
export type { Answer, FreshAnswer } from "./answer.ts";
export { type AnswerFacts, type AnswerRow, type AnswerRule, rateLimitRow, type Verdict } from "./answers.ts";
export { anonymous, type Authorize, type Authorizer, type RequestHeaders } from "./authorizer.ts";
export { nextLink } from "./link-header.ts";
export type { RequestBody } from "./outgoing-request.ts";
export { ProviderClient, type RequestOptions } from "./provider-client.ts";
export { isProviderError, providerCodes, ProviderError, type Situation } from "./provider-error.ts";
export type { ClientLimits, ProviderOptions, RateDeclaration } from "./provider-options.ts";
export type { RateLimit } from "./rate-budget.ts";
export type { RateHeaders } from "./retry-after.ts";
export { shownText } from "./shown-text.ts";
export { type Parameters, path } from "./target-url.ts";
export { readResponseText } from "./read-response-text.ts";
export { type RouteOf, withNetworkErrors } from "./with-network-errors.ts";
