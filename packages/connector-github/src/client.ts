import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import { bearer } from "@statewave-connectors/connector-sdk/auth";
import {
  type Answer,
  ProviderClient,
  type ProviderError,
  type ProviderOptions,
  rateLimitRow,
} from "@statewave-connectors/connector-sdk/http";
import { appToken } from "./app-token.ts";
import { type CredentialsKind, hintsFor } from "./errors.ts";
import type { GithubPullConfig } from "./pull-options.ts";
import { version } from "./version.ts";

export type { Answer };

/** What errors and the paging of the kit call the provider. */
export const github = { provider: "GitHub", codePrefix: "GITHUB" } as const;

/** A GraphQL answer; `errors` is empty when all went well. A rate limit is thrown instead. */
export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly GraphqlError[];
  readonly dateMs: number;
}

export interface GraphqlError {
  /** GitHub's `type`, or the code of a query that its schema does not know. */
  readonly type: string;
  readonly message: string;
}

/** GitHub's REST and GraphQL with the credentials of an entry. Throws what a `ProviderClient` throws. */
export class GithubClient {
  readonly credentials: CredentialsKind;
  readonly #provider: ProviderClient;
  readonly #graphqlUrl: string;
  #moved = false;

  constructor(config: GithubPullConfig, context: Pick<ConnectorContext, "source" | "clock" | "fetch" | "random">) {
    const provider = toProvider(config, context);
    const { app_id: appId, private_key: privateKey, installation_id: installationId, token } = config;
    if (appId !== undefined && privateKey !== undefined && installationId !== undefined) {
      this.credentials = "app";
      const source = appToken({ appId, privateKey, installationId }, provider);
      const authorize = bearer(source, { account: `installation ${installationId}` });
      // A token that is refused before its time means that the installation is suspended or removed: the run ends and says so.
      this.#provider = new ProviderClient({
        ...provider,
        authorize: { ...authorize, renews: false },
        hints: hintsFor("app"),
      });
    } else {
      this.credentials = token === undefined ? "none" : "token";
      this.#provider = new ProviderClient({ ...provider, authorize: bearer(token), hints: hintsFor(this.credentials) });
    }
    this.#graphqlUrl = graphqlUrl(config.base_url);
  }

  get authenticated(): boolean {
    return this.credentials !== "none";
  }

  /** GETs a path below `base_url`, or a link that GitHub gave. */
  async get(target: string, options: { readonly signal: AbortSignal; readonly etag?: string | undefined }): Promise<Answer> {
    const answer = await this.#provider.get(target, { ...options, lane: "core" });
    this.#moved ||= answer.moved;
    return answer;
  }

  /** The list that an answer must hold. */
  listOf({ body, requestName }: Answer): readonly unknown[] {
    if (Array.isArray(body)) return body;
    throw this.badAnswer(`GitHub's answer to ${requestName} is not a list`);
  }

  /** Whether GitHub answered with a permanent redirect since the last call: the repository was renamed or transferred. */
  takeMoved(): boolean {
    const moved = this.#moved;
    this.forgetMoved();
    return moved;
  }

  /** For a caller that has just looked the repository up, and so has its present name. */
  forgetMoved(): void {
    this.#moved = false;
  }

  /** Sends one query. Needs a token: GitHub's GraphQL requires one. */
  async graphql(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<GraphqlAnswer> {
    const { body, dateMs } = await this.#provider.post(this.#graphqlUrl, {
      body: { json: { query, variables } },
      lane: "graphql",
      signal,
    });
    return { data: field(body, "data"), errors: graphqlErrors(body), dateMs };
  }

  /** For an answer that does not come from GitHub. */
  badAnswer(message: string): ProviderError {
    return this.#provider.error({ is: "bad_answer", message });
  }

  /** For an answer that says that the request was too much, or that GitHub has trouble now. */
  overloaded(message: string): ProviderError {
    return this.#provider.error({ is: "unavailable", overloaded: true, message });
  }
}

/** Both limits come as 403, too; the secondary one in its own words. */
const limitWords = ["rate limit", "abuse detection"];

function toProvider(
  config: GithubPullConfig,
  context: Pick<ConnectorContext, "source" | "clock" | "fetch" | "random">,
): ProviderOptions {
  return {
    ...github,
    entry: `[[pull.github]] name = "${context.source.name}"`,
    baseUrl: config.base_url,
    allowedHosts: config.allowed_hosts ?? [],
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": `statewave-connector-github/${version}`,
      "x-github-api-version": "2022-11-28",
    },
    // A page of 100 issues with the largest bodies GitHub allows (64 KiB characters) stays well below. GitHub wants serial requests:
    // https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#avoid-concurrent-requests
    limits: { maxBodyBytes: 64 * 1024 * 1024, concurrency: 1 },
    rate: { headers: { remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset" } },
    answers: [
      rateLimitRow({ status: 403, words: limitWords }),
      // GraphQL reports its limits in the body.
      { status: 200, when: ({ body }) => graphqlErrors(body).some(isLimit), is: "rate_limited" },
    ],
    parameterOptions: { since: "since_default" },
    context,
  };
}

/** GitHub Enterprise Server has REST at `/api/v3` and GraphQL at `/api/graphql`; github.com has it at `/graphql`. */
export function graphqlUrl(baseUrl: string): string {
  return baseUrl.endsWith("/api/v3") ? baseUrl.replace(/\/v3$/, "/graphql") : `${baseUrl}/graphql`;
}

function isLimit({ type, message }: GraphqlError): boolean {
  return type === "RATE_LIMITED" || limitWords.some((words) => message.toLowerCase().includes(words));
}

function graphqlErrors(body: unknown): readonly GraphqlError[] {
  const errors = field(body, "errors");
  if (!Array.isArray(errors)) return [];
  return errors.map((error) => ({
    type: textOf(field(error, "type")) || textOf(field(field(error, "extensions"), "code")),
    message: textOf(field(error, "message")),
  }));
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
