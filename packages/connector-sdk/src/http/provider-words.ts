import { isConnectorsError } from "../contract/errors.ts";
import type { AnswerFacts, Verdict } from "./answers.ts";
import type { Answered, Exchanged } from "./exchange.ts";
import { systemCodeOf, toNetworkError } from "./network-error.ts";
import { ProviderError, type Situation, situationCodes } from "./provider-error.ts";
import { type ClientLimits, entryOf, type ProviderOptions } from "./provider-options.ts";
import { longestWaitMs, shortestWaitMs } from "./retry-after.ts";
import { longestAbout, shownText } from "./shown-text.ts";
import type { Resolved } from "./target-url.ts";

/** The situations that may pass by themselves. A rate limit has its time instead. */
const passing = new Set<Situation>(["unavailable", "bad_answer"]);
/** The connection broke because something took too long. */
const slowCodes = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);
const defaultWaitMs = 60_000;
/** Longer is not believed of a provider that is down for maintenance. */
const longestOutageMs = 3_600_000;

/** Makes every error of a client from a verdict: code, sentence, hint and when to come back. */
export class ProviderWords {
  readonly #options: ProviderOptions;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  get #baseUrlOption(): string {
    return this.#options.baseUrlOption ?? "base_url";
  }

  /** `GET /repos/acme/widgets (the releases) for [[pull.github]] name = "main"`: never a host or a query. */
  requestName(method: string, pathname: string, about: string | undefined): string {
    const subject = about === undefined ? "" : ` (${shownText(about, longestAbout)})`;
    return `${method} ${shownText(pathname)}${subject} for ${entryOf(this.#options)}`;
  }

  /** The error of an answer to a request that had these parameters. */
  ofAnswer(verdict: Verdict & { readonly is: Situation }, facts: AnswerFacts, parameters: readonly string[]): ProviderError {
    const { hints, provider } = this.#options;
    const own = hints?.[verdict.is];
    const hint =
      verdict.hint ??
      (typeof own === "function" ? own(facts) : own) ??
      (verdict.is === "refused" ? this.#whoseFault(facts, parameters) : undefined);
    const said = verdict.said ?? facts.message;
    const isLimit = verdict.is === "rate_limited";
    const message = isLimit
      ? `${provider} limits ${facts.requestName}: ${said === "" ? "too many requests" : said}`
      : `${provider} answered ${facts.status} to ${facts.requestName}${said === "" ? "" : `: ${said}`}`;
    return this.of({ message, ...verdict, ...(hint === undefined ? {} : { hint }) }, { status: facts.status, facts });
  }

  /** An error without an answer, or with a sentence of its own. */
  of(
    verdict: Verdict & { readonly is: Situation; readonly message: string },
    known: { readonly status?: number; readonly cause?: unknown; readonly facts?: AnswerFacts } = {},
  ): ProviderError {
    const { codePrefix, context } = this.#options;
    const { is: situation, overloaded } = verdict;
    const waitMs = this.#waitMs(verdict, known.facts);
    const retryAtMs = waitMs === undefined ? undefined : context.clock.now() + waitMs;
    const again =
      situation === "rate_limited" && retryAtMs !== undefined ? `; again after ${new Date(retryAtMs).toISOString()}` : "";
    const hint = verdict.hint ?? this.#standardHint(situation);
    return new ProviderError({
      situation,
      overloaded,
      status: known.status,
      code: verdict.code ?? `${codePrefix}_${situationCodes[situation]}`,
      message: `${verdict.message}${again}`,
      ...(hint === undefined ? {} : { hint }),
      retryable: verdict.retryable ?? (passing.has(situation) || retryAtMs !== undefined),
      ...(retryAtMs === undefined ? {} : { retryAtMs }),
      ...(known.cause === undefined ? {} : { cause: known.cause }),
    });
  }

  /** What the answer to a request is not: `what` stands behind it in the sentence. */
  badAnswer(requestName: string, what: string, cause?: unknown): ProviderError {
    return this.of({ is: "bad_answer", message: `${this.#options.provider}'s answer to ${requestName} ${what}` }, { cause });
  }

  /** The error of a request that got no whole answer. */
  unanswered(exchanged: Exclude<Exchanged, Answered>, requestName: string, limits: Required<ClientLimits>): ProviderError {
    const { provider, baseUrl } = this.#options;
    if (exchanged.type === "timed_out") {
      const message = `${provider} did not finish its answer to ${requestName} within ${limits.timeoutMs / 1_000} s`;
      return this.of({ is: "unavailable", overloaded: true, message });
    }
    if (exchanged.type === "too_large") {
      const message = `${provider}'s answer to ${requestName} is larger than ${limits.maxBodyBytes} bytes`;
      return this.of({ is: "bad_answer", overloaded: true, message });
    }
    const { error } = exchanged;
    const url = new URL(baseUrl);
    // The fetch of the runner throws the same error by itself.
    const failure = isConnectorsError(error) ? error : toNetworkError(error, { host: url.host });
    const reason = failure?.message ?? shownText(error instanceof Error ? error.message : String(error));
    const verdict = {
      is: "unavailable",
      overloaded: slowCodes.has(systemCodeOf(error) ?? ""),
      message: `${requestName} at ${url.origin} failed: ${reason}`,
      ...(failure?.hint === undefined ? {} : { hint: failure.hint }),
    } as const;
    return this.of(verdict, { cause: error });
  }

  /** The error of a link that is not followed, in words that name the setting. */
  notFollowed(to: Extract<Resolved, { ok: false }>, requestName: string): ProviderError {
    const { provider, baseUrl, allowedHosts, allowedHostsOption = "allowed_hosts" } = this.#options;
    if (to.why === "malformed") {
      return this.of({ is: "bad_answer", message: `${provider} points ${requestName} to something that is no URL of its API` });
    }
    const host = shownText(to.url.host, 100);
    const elsewhere = to.url.hostname === new URL(baseUrl).hostname ? "another address" : "another host";
    const orAllow = allowedHosts === undefined ? "" : `, or add "${host}" to \`${allowedHostsOption}\``;
    return this.of({
      is: "bad_answer",
      message: `${provider} at ${new URL(baseUrl).origin} points ${requestName} to ${elsewhere}, ${to.url.protocol}//${host}, which is not followed`,
      hint: `set \`${this.#baseUrlOption}\` to the name that the server uses${orAllow}, if ${host} is the same server; otherwise check any proxy on the way`,
    });
  }

  /** How long to wait before the next try; undefined: the runner decides. */
  #waitMs({ is, waitMs }: Verdict, facts: AnswerFacts | undefined): number | undefined {
    const named = waitMs ?? facts?.namedWaitMs;
    if (is === "rate_limited") {
      const wait = named ?? this.#options.rate?.headers?.defaultWaitMs ?? defaultWaitMs;
      return Math.min(Math.max(wait, shortestWaitMs), longestWaitMs);
    }
    return is === "unavailable" && named !== undefined ? Math.min(named, longestOutageMs) : undefined;
  }

  /** Says of a request that is wrong whose fault it is: of an option, where the provider names a parameter that it fills. */
  #whoseFault({ message }: AnswerFacts, parameters: readonly string[]): string | undefined {
    const { parameterOptions = {} } = this.#options;
    const named = parameters.find((name) => Object.hasOwn(parameterOptions, name) && holdsWord(message, name));
    const option = named === undefined ? undefined : parameterOptions[named];
    return option === undefined ? undefined : `correct \`${option}\`: ${this.#options.provider} does not accept its value`;
  }

  #standardHint(situation: Situation): string | undefined {
    const { provider } = this.#options;
    switch (situation) {
      case "unauthorized":
        return `replace the credentials of the entry: they are wrong, expired or revoked`;
      case "forbidden":
        return `give the credentials of the entry the right to read it`;
      case "not_found":
        return `check its name, and that the credentials of the entry may see it: ${provider} answers both alike`;
      case "gone":
        return `take it out of the entry: it was deleted or is switched off`;
      case "blocked":
        return `take it out of the entry, or ask ${provider} why it is withheld`;
      case "refused":
        return `check the options of the entry; where they are right, report a defect of the connector`;
      case "bad_answer":
        return `check \`${this.#baseUrlOption}\` and any proxy on the way`;
      default:
        return undefined;
    }
  }
}

const wordCharacter = /[\p{L}\p{N}_]/u;

/** Whether a text holds a word that no other letter touches. */
function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!wordCharacter.test(text[at - 1] ?? "") && !wordCharacter.test(text[at + word.length] ?? "")) return true;
  }
  return false;
}
