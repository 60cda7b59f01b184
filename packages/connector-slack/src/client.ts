import { type ConnectorContext, isConnectorsError, type Secret } from "@statewave-connectors/connector-sdk";
import { readResponseText } from "@statewave-connectors/connector-sdk/http";
import { type Asked, askedWords, badAnswer, rateLimited, refusedError, unavailable } from "./errors.ts";
import { type Fields, toFields } from "./fields.ts";
import { version } from "./version.ts";

/** 200 messages of 40,000 characters with their blocks and attachments stay well below. */
const maxBodyBytes = 32 * 1024 * 1024;

export interface ClientOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: Secret;
  /** The entry as it stands in the file, for error sentences. */
  readonly entry: string;
  readonly context: Pick<ConnectorContext, "fetch" | "clock">;
}

/** The arguments of a method; undefined ones are left out. */
export type Arguments = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer with `ok: true`. */
export interface Answer {
  readonly body: Fields;
  /** The scopes of the token as the header lists them; undefined when Slack sent none. */
  readonly scopes: ReadonlySet<string> | undefined;
}

const requestTimeoutMs = 15_000;

/**
 * Slack's Web API over `context.fetch`. The token goes to `base_url` and is never sent after a redirect.
 * Everything it throws is a `ConnectorsError`, except the reason of the caller's own abort.
 */
export class SlackClient {
  readonly entry: string;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.entry = options.entry;
  }

  /** Calls one method. Arguments travel in the body: URLs end up in the logs of proxies. */
  async call(method: string, args: Arguments, signal: AbortSignal): Promise<Answer> {
    const about = args["channel"] ?? args["user"];
    const asked = { entry: this.entry, method, about: about === undefined ? undefined : String(about) };
    const { response, text } = await this.#exchange(asked, args, signal);
    const { status, headers } = response;
    const nowMs = this.#options.context.clock.now();
    if (status === 429) throw rateLimited(asked, headers.get("retry-after") ?? undefined, nowMs);
    if (status >= 500) throw unavailable(`Slack answered ${status} to ${askedWords(asked)}`);
    if (status !== 200) throw badAnswer(`Slack answered ${status} to ${askedWords(asked)}`);
    const body = parseBody(text, asked);
    if (body["ok"] !== true) throw refusedError(body, asked, nowMs);
    const scopes = headers.get("x-oauth-scopes");
    return { body, scopes: scopes === null ? undefined : new Set(scopes.split(",").map((scope) => scope.trim())) };
  }

  /** One request with its whole body, within the time-out. */
  async #exchange(asked: Asked, args: Arguments, signal: AbortSignal): Promise<{ response: Response; text: string }> {
    const { fetch, clock } = this.#options.context;
    signal.throwIfAborted();
    // Linked by hand: AbortSignal.any would keep every request's signal on the tick's signal until that is collected.
    const deadline = new AbortController();
    const forward = () => deadline.abort(signal.reason);
    signal.addEventListener("abort", forward, { once: true });
    const cancelTimer = clock.after(requestTimeoutMs, () => deadline.abort(new Error("timed out")));
    try {
      const response = await fetch(`${this.#options.baseUrl}/${asked.method}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.#options.token.reveal()}`,
          "content-type": "application/x-www-form-urlencoded",
          "user-agent": `statewave-connector-slack/${version}`,
        },
        body: toForm(args),
        redirect: "manual",
        signal: deadline.signal,
      });
      const text = await readResponseText(response, maxBodyBytes);
      if (text === undefined) throw badAnswer(`Slack's answer to ${asked.method} is larger than ${maxBodyBytes} bytes`);
      return { response, text };
    } catch (error) {
      signal.throwIfAborted();
      if (isConnectorsError(error)) throw error;
      if (deadline.signal.aborted) {
        throw unavailable(`Slack did not finish its answer to ${askedWords(asked)} within ${requestTimeoutMs / 1_000} s`);
      }
      throw unavailable(`${askedWords(asked)} failed: ${networkReason(error)}`, error);
    } finally {
      cancelTimer();
      signal.removeEventListener("abort", forward);
    }
  }
}

function toForm(args: Arguments): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) if (value !== undefined) form.set(name, String(value));
  return form.toString();
}

function parseBody(text: string, asked: Asked): Fields {
  try {
    const body = toFields(JSON.parse(text));
    if (body !== undefined) return body;
  } catch (error) {
    throw badAnswer(`Slack's answer to ${askedWords(asked)} is not JSON`, error);
  }
  throw badAnswer(`Slack's answer to ${askedWords(asked)} is not a JSON object`);
}

/** undici hides the reason of a `fetch failed` in its cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = toFields(cause)?.["code"];
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.message : String(cause);
}
