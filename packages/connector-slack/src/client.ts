import type { ConnectorContext, Secret } from "@statewave-connectors/connector-sdk";
import { bearer } from "@statewave-connectors/connector-sdk/auth";
import { type FreshAnswer, ProviderClient, type ProviderError, type RateLimit } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { hints, type SlackRefusal, slackRefusal } from "./errors.ts";
import { version } from "./version.ts";

/** The arguments of a method; undefined ones are left out. */
export type Arguments = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer with `ok: true`. */
export interface SlackAnswer {
  readonly body: Fields;
  /** The scopes of the token as the header lists them; undefined when Slack sent none. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** Slack's cursor of the next page; undefined on the last one. */
  readonly next: string | undefined;
  readonly requestName: string;
}

/** Slack's Web API with the token of an entry. Throws what a `ProviderClient` throws. */
export class SlackClient {
  readonly entry: string;
  readonly #provider: ProviderClient;

  /** @param entry The entry as it stands in the file, for error sentences. */
  constructor(baseUrl: string, token: Secret, entry: string, context: Pick<ConnectorContext, "fetch" | "clock" | "random">) {
    this.entry = entry;
    this.#provider = new ProviderClient({
      provider: "Slack",
      codePrefix: "SLACK",
      entry,
      baseUrl,
      authorize: bearer(token),
      headers: { "user-agent": `statewave-connector-slack/${version}` },
      // 200 messages of 40,000 characters with their blocks and attachments stay well below.
      limits: { timeoutMs: 15_000, maxBodyBytes: 32 * 1024 * 1024 },
      answers: [slackRefusal(entry)],
      hints,
      context,
    });
  }

  /**
   * Calls one method. Arguments travel in the body: URLs end up in the logs of proxies.
   *
   * @param about What the request is about, for error sentences. Default: the channel or the user.
   */
  async call(
    method: string,
    args: Arguments,
    signal: AbortSignal,
    about = args["channel"] ?? args["user"],
  ): Promise<SlackAnswer> {
    const options = { body: { form: args }, signal, lane: method, ...(about !== undefined && { about: String(about) }) };
    const answer: FreshAnswer = await this.#provider.post(method, options);
    const body = toFields(answer.body) ?? {};
    const scopes = answer.headers.get("x-oauth-scopes");
    return {
      body,
      scopes: scopes === null ? undefined : new Set(scopes.split(",").map((scope) => scope.trim())),
      next: stringField(toFields(body["response_metadata"]), "next_cursor"),
      requestName: answer.requestName,
    };
  }

  /** For an answer that Slack would not give: `what` stands behind "Slack's answer to … ". */
  badAnswer(answer: Pick<SlackAnswer, "requestName">, what: string): ProviderError {
    return this.#provider.badAnswer(answer, what);
  }

  /** For what was found out without asking Slack. */
  error(refusal: SlackRefusal): ProviderError {
    return this.#provider.error(refusal);
  }

  /** A method turned out to have another limit; undefined takes that back. */
  learnLimit(method: string, limit: RateLimit | undefined, forMs: number): void {
    this.#provider.learnLimit(method, limit, forMs);
  }
}
