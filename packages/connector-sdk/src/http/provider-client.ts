import type { ConfigSchema } from "../contract/config-schema.ts";
import { type Answer, type AnswerHead, type FreshAnswer, toAnswer } from "./answer.ts";
import { type AnswerFacts, type AnswerRow, standardAnswers, type Verdict, verdictOf } from "./answers.ts";
import { type Authorizer, credentialFingerprint, type RequestHeaders, toAuthorizer } from "./authorizer.ts";
import { ClientBudget } from "./client-budget.ts";
import { type Answered, exchange } from "./exchange.ts";
import { outgoingRequest, parameterNames, type RequestBody, unsendableHeader } from "./outgoing-request.ts";
import { ProviderError, type Situation } from "./provider-error.ts";
import { type ClientLimits, entryOf, type ProviderOptions } from "./provider-options.ts";
import { ProviderWords } from "./provider-words.ts";
import type { Permit, RateLimit } from "./rate-budget.ts";
import { ReadAnswer } from "./read-answer.ts";
import { namedWaitMs, type RateHeaders } from "./retry-after.ts";
import { untilAborted } from "./until-aborted.ts";
import { type OwnHosts, type Parameters, resolveLink, resolveTarget, withQuery } from "./target-url.ts";

/** What a request takes besides its target. */
export interface RequestOptions<Body = unknown> {
  readonly signal: AbortSignal;
  /** Added to the query that the target has. */
  readonly query?: Parameters;
  readonly body?: RequestBody;
  /** Of an earlier answer: an unchanged one comes as `notModified`. */
  readonly etag?: string | undefined;
  /** The same for providers without ETags. Give both where an answer had both. */
  readonly lastModified?: string | undefined;
  /** What the request is about, for error sentences: a channel, a ticket, an option. */
  readonly about?: string | undefined;
  readonly headers?: RequestHeaders;
  /** The lane of the rate budget. */
  readonly lane?: string;
  /** How much of the limits it takes, where the provider counts units and not requests: a whole number from 1 on. Default 1. */
  readonly cost?: number;
  /** What the body is. Default `"json"`. */
  readonly as?: "json" | "text";
  /** What the body must be; anything else is a `…_BAD_ANSWER`. */
  readonly schema?: ConfigSchema<Body>;
}

/** A request on its way: redirects change its URL. */
interface Sending {
  readonly method: string;
  readonly options: RequestOptions;
  readonly url: URL;
  readonly requestName: string;
}

/** An answer that the table of answers lets pass. */
interface Passed extends Sending {
  readonly facts: AnswerFacts;
  readonly text: string;
}

const defaultLimits = {
  timeoutMs: 30_000,
  maxBodyBytes: 16 * 1024 * 1024,
  maxRedirects: 5,
  concurrency: 4,
  patienceMs: 10_000,
} satisfies Required<ClientLimits>;

/** 300 offers a choice, and 304 is no redirect. */
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * A provider's HTTP API over `context.fetch`. Credentials go to the origin of `baseUrl` and to no other. Everything it throws is a
 * {@link ProviderError}, what the authorizer throws, or the reason of the caller's own abort.
 */
export class ProviderClient {
  /** The entry as it stands in the file. */
  readonly entry: string;
  readonly #options: ProviderOptions;
  readonly #limits: Required<ClientLimits>;
  readonly #hosts: OwnHosts;
  readonly #authorizer: Authorizer;
  readonly #words: ProviderWords;
  readonly #budget: ClientBudget;

  constructor(options: ProviderOptions) {
    this.entry = entryOf(options);
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const allowedHosts = new Set((options.allowedHosts ?? []).map((host) => host.toLowerCase()));
    this.#hosts = { baseUrl: new URL(options.baseUrl), allowedHosts };
    this.#authorizer = toAuthorizer(options.authorize);
    this.#words = new ProviderWords(options);
    this.#budget = new ClientBudget(options, this.#limits, this.#words);
  }

  /** GETs a path below `baseUrl`, or a link that the provider gave. */
  get<Body = unknown>(
    target: string,
    options: RequestOptions<Body> & { readonly etag?: undefined; readonly lastModified?: undefined },
  ): Promise<FreshAnswer<Body>>;
  get<Body = unknown>(target: string, options: RequestOptions<Body>): Promise<Answer<Body>>;
  get<Body = unknown>(target: string, options: RequestOptions<Body>): Promise<Answer<Body>> {
    return this.#request("GET", target, options);
  }

  /** POSTs to a path below `baseUrl`. */
  async post<Body = unknown>(target: string, options: RequestOptions<Body>): Promise<FreshAnswer<Body>> {
    return await this.request("POST", target, options);
  }

  /** Sends any other method. */
  async request<Body = unknown>(method: string, target: string, options: RequestOptions<Body>): Promise<FreshAnswer<Body>> {
    const answer = await this.#request(method, target, options);
    if (!answer.notModified) return answer;
    throw this.badAnswer(answer, "is 304 Not Modified");
  }

  /** For an answer that the provider would not give: `what` stands behind "Zendesk's answer to GET /tickets ". */
  badAnswer({ requestName }: Pick<AnswerHead, "requestName">, what: string, cause?: unknown): ProviderError {
    return this.#words.badAnswer(requestName, what, cause);
  }

  /** An error with the codes, hints and times of this client, for what an answer means beyond the table. */
  error(verdict: Verdict & { readonly is: Situation; readonly message: string }, cause?: unknown): ProviderError {
    return this.#words.of(verdict, { cause });
  }

  /** The lane turned out to have another limit for so long, for all clients of the same credentials; undefined takes that back. */
  learnLimit(lane: string, limit: RateLimit | undefined, forMs: number): void {
    this.#budget.learn(lane, limit, forMs);
  }

  async #request<Body>(method: string, target: string, options: RequestOptions<Body>): Promise<Answer<Body>> {
    const resolved = resolveTarget(target, this.#hosts);
    const requestName = this.#words.requestName(method, resolved.ok ? resolved.url.pathname : "a link", options.about);
    if (!resolved.ok) throw this.#words.notFollowed(resolved, requestName);
    const url = options.query === undefined ? resolved.url : withQuery(resolved.url, options.query);
    const { moved, ...passed } = await this.#follow({ method, options, url, requestName });
    const text = options.as === "text" ? passed.text : undefined;
    const nowMs = this.#options.context.clock.now();
    return await toAnswer({ facts: passed.facts, url: passed.url, text, moved, schema: options.schema, nowMs }, this.#words);
  }

  /** Follows redirects of the provider to itself. */
  async #follow(first: Sending): Promise<Passed & { readonly moved: boolean }> {
    let sending = first;
    let moved = false;
    const seen = new Set<string>();
    for (let hop = 0; hop <= this.#limits.maxRedirects && !seen.has(sending.url.href); hop += 1) {
      seen.add(sending.url.href);
      const passed = await this.#attempt(sending);
      const { status, headers } = passed.facts;
      if (!redirectStatuses.has(status)) return { ...passed, moved };
      const { method, options, requestName } = sending;
      if (method !== "GET" && status < 307) throw this.badAnswer(sending, "is a redirect that would turn it into a GET");
      const to = resolveLink(headers.get("location") ?? "nowhere:", sending.url, this.#hosts);
      if (!to.ok) throw this.#words.notFollowed(to, requestName);
      moved ||= status === 301 || status === 308;
      sending = { method, options, url: to.url, requestName: this.#words.requestName(method, to.url.pathname, options.about) };
    }
    throw this.badAnswer(first, "redirects in a circle");
  }

  /** One request; a second one when the credentials were refused and can be renewed. */
  async #attempt(sending: Sending): Promise<Passed> {
    for (let mayRenew = this.#authorizer.renews === true; ; mayRenew = false) {
      const credentials = await this.#credentials(sending.options.signal);
      try {
        return await this.#send(sending, credentials);
      } catch (error) {
        if (!(error instanceof ProviderError) || error.situation !== "unauthorized") throw error;
        this.#authorizer.forget?.(credentials);
        if (!mayRenew) throw error;
      }
    }
  }

  async #credentials(signal: AbortSignal): Promise<RequestHeaders> {
    signal.throwIfAborted();
    const headers = this.#authorizer.headers(signal);
    return headers instanceof Promise ? await untilAborted(headers, signal) : headers;
  }

  async #send(sending: Sending, credentials: RequestHeaders): Promise<Passed> {
    const { method, options, url, requestName } = sending;
    const { signal, lane, cost } = options;
    const ownHeaders = [this.#options.headers, options.headers, conditionsOf(options), credentials];
    const request = outgoingRequest(method, options.body, ownHeaders);
    const unsendable = unsendableHeader(request.headers);
    if (unsendable !== undefined) {
      const message = `${requestName} cannot be sent: its header ${unsendable} holds a character that no header can carry`;
      throw this.#words.of({ is: "unauthorized", message });
    }
    const budgeted = { requestName, lane, cost, signal };
    const permit = await this.#budget.acquire(credentialFingerprint(this.#authorizer, credentials), budgeted);
    try {
      const { fetch, clock } = this.#options.context;
      const exchanged = await exchange(url, request, { fetch, clock, ...this.#limits, signal });
      if (exchanged.type !== "answered") throw this.#words.unanswered(exchanged, requestName, this.#limits);
      return { ...sending, text: exchanged.text, facts: this.#judge(sending, this.#factsOf(sending, exchanged), permit) };
    } finally {
      permit.release();
    }
  }

  /** Throws what the table of answers makes of an answer, and passes what it says of the limit to the budget. */
  #judge(sending: Sending, facts: AnswerFacts, permit: Permit): AnswerFacts {
    const { options, requestName, url } = sending;
    const budgeted = { requestName, lane: options.lane, signal: options.signal };
    const verdict = verdictOf(facts, this.#rowsFor(sending));
    if (verdict === undefined || verdict.is === "ok") {
      this.#budget.succeeded(facts, permit, budgeted);
      return facts;
    }
    const limit = verdict.is === "rate_limited" ? { waitMs: this.#waitMs(facts.headers) } : {};
    const error = this.#words.ofAnswer({ ...limit, ...verdict, is: verdict.is }, facts, parameterNames(url, options.body));
    if (error.situation === "rate_limited") this.#budget.limited(error, verdict, budgeted);
    throw error;
  }

  #factsOf({ requestName, options: { about } }: Sending, answered: Answered): AnswerFacts {
    // A reserve is ours: the provider has not named a wait for this answer.
    const waitMs = this.#waitMs(answered.headers, { reserve: 0, reserveShare: 0 });
    return new ReadAnswer(answered, { requestName, about, namedWaitMs: waitMs });
  }

  #waitMs(headers: Headers, names?: RateHeaders): number | undefined {
    const { rate, context } = this.#options;
    return namedWaitMs(headers, { ...rate?.headers, ...names }, context.clock.now());
  }

  #rowsFor({ method, options: { as, etag, lastModified } }: Sending): readonly AnswerRow[] {
    const isConditional = (etag ?? lastModified) !== undefined;
    // Only a GET promises a body.
    const mayBeAnything = ({ format }: AnswerFacts) => as === "text" || (method !== "GET" && format === "empty");
    return [
      ...(this.#options.answers ?? []),
      ({ status }) => (redirectStatuses.has(status) || (status === 304 && isConditional) ? { is: "ok" } : undefined),
      (facts) => (facts.status >= 200 && facts.status < 300 && mayBeAnything(facts) ? { is: "ok" } : undefined),
      ...standardAnswers,
    ];
  }
}

/** The headers that make an unchanged answer a 304. */
function conditionsOf({ etag, lastModified }: RequestOptions): RequestHeaders {
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}
