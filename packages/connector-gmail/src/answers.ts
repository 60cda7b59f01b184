import type { AnswerFacts, AnswerRow, Situation, Verdict } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { readScope } from "./gmail.ts";

const hourMs = 3_600_000;

/** What a request that has Gmail notify a topic is about. */
export const aboutWatch = "the notifications";

/** Gmail tries to publish to the topic, and passes on why it may not. */
const watchRefusals: ReadonlyMap<number, Situation> = new Map([
  [400, "refused"],
  [403, "forbidden"],
  [404, "not_found"],
]);

const overLimit: ReadonlySet<string> = new Set([
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "RATE_LIMIT_EXCEEDED",
  "concurrentLimitExceeded",
]);
const overDailyLimit: ReadonlySet<string> = new Set(["dailyLimitExceeded", "quotaExceeded", "QUOTA_EXCEEDED"]);

const disabled: Verdict = {
  is: "forbidden",
  code: "GMAIL_API_DISABLED",
  hint: "switch the Gmail API on in the Google Cloud project of the credentials",
};
const scopeMissing: Verdict = {
  is: "forbidden",
  code: "GMAIL_SCOPE_MISSING",
  hint: `let the user consent again, with the scope ${readScope}`,
};

/** Reasons that a person has to fix, with what to do. */
const refusals: ReadonlyMap<string, Verdict> = new Map([
  ["accessNotConfigured", disabled],
  ["SERVICE_DISABLED", disabled],
  ["insufficientPermissions", scopeMissing],
  ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", scopeMissing],
  [
    "domainPolicy",
    { is: "forbidden", hint: "let an administrator of the domain allow the app in the Google Workspace admin console" },
  ],
]);

/**
 * What Google says otherwise than most: limits come as 403, too, and only the reason distinguishes them from missing rights.
 * https://developers.google.com/workspace/gmail/api/guides/handle-errors
 */
export const gmailAnswers: readonly AnswerRow[] = [
  limits,
  ({ status, body }) =>
    status === 403
      ? reasonsOf(body)
          .map((reason) => refusals.get(reason))
          .find((verdict) => verdict !== undefined)
      : undefined,
  (facts) => {
    const is = watchRefusals.get(facts.status);
    if (facts.about !== aboutWatch || is === undefined) return undefined;
    return { is, hint: "set `topic` to a topic that exists, and let gmail-api-push@system.gserviceaccount.com publish to it" };
  },
  {
    status: 400,
    when: ({ body }) => reasonsOf(body).includes("failedPrecondition"),
    is: "forbidden",
    code: "GMAIL_MAILBOX_DISABLED",
    hint: "check that Gmail is switched on for the user",
  },
];

/** The same of Pub/Sub, whose rights and API are others. */
export const pubsubAnswers: readonly AnswerRow[] = [
  limits,
  {
    status: 403,
    when: ({ body }) => reasonsOf(body).includes("SERVICE_DISABLED"),
    ...disabled,
    hint: "switch the Pub/Sub API on in the Google Cloud project of the credentials",
  },
];

function limits(facts: AnswerFacts): Verdict | undefined {
  if (facts.status !== 403 && facts.status !== 429) return undefined;
  const reasons = reasonsOf(facts.body);
  if (reasons.some((reason) => overDailyLimit.has(reason))) return { is: "rate_limited", waitMs: facts.namedWaitMs ?? hourMs };
  if (facts.status === 403 && !reasons.some((reason) => overLimit.has(reason))) return undefined;
  return { is: "rate_limited", waitMs: facts.namedWaitMs ?? retryAfterMs(facts) };
}

/** The reasons in both forms in which Google writes them. */
function reasonsOf(body: unknown): readonly string[] {
  const error = toFields(toFields(body)?.["error"]);
  return [...toFieldsList(error?.["errors"]), ...toFieldsList(error?.["details"])].flatMap(
    (each) => stringField(each, "reason") ?? [],
  );
}

const retryAfter = /\bRetry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)/i;

/** `User-rate limit exceeded.  Retry after 2026-01-01T00:01:00.000Z`: seen in practice, by Google's clock. */
function retryAfterMs({ message, headers }: AnswerFacts): number | undefined {
  const until = retryAfter.exec(message)?.[1];
  const nowMs = Date.parse(headers.get("date") ?? "");
  if (until === undefined || Number.isNaN(nowMs)) return undefined;
  const waitMs = Date.parse(until) - nowMs;
  return waitMs > 0 && waitMs <= 24 * hourMs ? waitMs : undefined;
}
