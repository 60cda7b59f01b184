import type { Situation } from "./provider-error.ts";

/** An answer as the rows of the table see it. */
export interface AnswerFacts {
  readonly status: number;
  readonly headers: Headers;
  /** What the body is. */
  readonly format: "json" | "html" | "other" | "empty";
  /** The parsed JSON; undefined in any other format. */
  readonly body: unknown;
  /** The provider's own words in the body, at most 200 characters, fit to be shown; an empty string when it has none. */
  readonly message: string;
  /** How a sentence names the request, fit to be shown: `GET /repos/acme/widgets (the releases) for [[pull.github]] name = "main"`. */
  readonly requestName: string;
  /** What the request was about, fit to be shown, as its caller said. */
  readonly about: string | undefined;
  /** How long the headers say to wait, between one second and a day. */
  readonly namedWaitMs: number | undefined;
}

/** What an answer means. What is left out follows from the situation. */
export interface Verdict {
  /** `"ok"`: no error, whatever the rows behind it say. */
  readonly is: Situation | "ok";
  /** A whole code, for what only this provider says: `SLACK_MISSING_SCOPE`. */
  readonly code?: string;
  /** The whole sentence. Default: who answered what to which request, and `said`. */
  readonly message?: string;
  /** Instead of the provider's own words behind the sentence. */
  readonly said?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
  /** Of `rate_limited`: how long to wait. Default: what the headers name, else the declared wait. */
  readonly waitMs?: number | undefined;
  /** Of `rate_limited`: every lane of the credentials must wait, not only that of the request. */
  readonly everyLane?: boolean;
}

/** A row of plain data: applies to these statuses, and where `when` is true. */
export interface AnswerRule extends Verdict {
  /** Default: every status. */
  readonly status?: number | readonly number[];
  readonly when?: (facts: AnswerFacts) => boolean;
}

/** A row of the answers table: data, or a function that returns undefined where it does not apply. */
export type AnswerRow = AnswerRule | ((facts: AnswerFacts) => Verdict | undefined);

/** The verdict of the first row that applies; undefined when none does. */
export function verdictOf(facts: AnswerFacts, rows: readonly AnswerRow[]): Verdict | undefined {
  for (const row of rows) {
    if (typeof row !== "function") {
      if (applies(row, facts)) return row;
      continue;
    }
    const verdict = row(facts);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function applies({ status, when }: AnswerRule, facts: AnswerFacts): boolean {
  const isStatus = status === undefined || (typeof status === "number" ? status === facts.status : status.includes(facts.status));
  return isStatus && (when === undefined || when(facts));
}

/**
 * A row for limits that do not come as 429: GitHub sends both of its limits as 403, too. It applies where the headers name a time, or where
 * the provider's words hold one of `words` (in lower case).
 */
export function rateLimitRow(options: {
  readonly status: number | readonly number[];
  readonly words?: readonly string[];
  readonly everyLane?: boolean;
}): AnswerRule {
  const { status, words = ["rate limit", "too many requests"], everyLane = false } = options;
  const isLimit = ({ namedWaitMs, message }: AnswerFacts) =>
    namedWaitMs !== undefined || words.some((word) => message.toLowerCase().includes(word));
  return { status, when: isLimit, is: "rate_limited", everyLane };
}

const isSuccess = ({ status }: AnswerFacts) => status >= 200 && status < 300;
const isStatusFrom = (from: number, to: number) => (facts: AnswerFacts) => facts.status >= from && facts.status < to;

/** The rows behind a connector's own. The order matters: the page of a proxy is no word of the provider about names and rights. */
export const standardAnswers: readonly AnswerRow[] = [
  { status: 429, is: "rate_limited" },
  { status: 401, is: "unauthorized" },
  { status: [403, 404, 410], when: ({ format }) => format === "html", is: "bad_answer", said: "a web page instead of JSON" },
  { status: [402, 403], is: "forbidden" },
  { status: 404, is: "not_found" },
  { status: 410, is: "gone" },
  { status: 451, is: "blocked" },
  { status: [408, 425], is: "unavailable" },
  { status: 413, is: "refused", overloaded: true },
  { status: [400, 405, 406, 411, 414, 415, 422, 431], is: "refused" },
  { status: [409, 423], is: "refused", retryable: true },
  // A provider that names a time is in maintenance: fewer rows do not help.
  { when: (facts) => facts.status >= 500 && facts.namedWaitMs !== undefined, is: "unavailable" },
  { when: isStatusFrom(500, 600), is: "unavailable", overloaded: true },
  { when: (facts) => isSuccess(facts) && facts.format === "html", is: "bad_answer", said: "a web page instead of JSON" },
  { when: (facts) => isSuccess(facts) && facts.format === "other", is: "bad_answer", said: "not JSON" },
  { when: (facts) => facts.status === 200 && facts.format === "empty", is: "bad_answer", said: "nothing" },
  { when: isSuccess, is: "ok" },
  { when: () => true, is: "bad_answer" },
];
