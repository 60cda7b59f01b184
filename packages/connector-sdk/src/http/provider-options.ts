import type { ConnectorContext } from "../contract/connector.ts";
import type { AnswerFacts, AnswerRow } from "./answers.ts";
import type { Authorize, RequestHeaders } from "./authorizer.ts";
import type { Situation } from "./provider-error.ts";
import type { RateLimit } from "./rate-budget.ts";
import type { RateHeaders } from "./retry-after.ts";

/** A provider as data: what {@link ProviderClient} is made from. */
export interface ProviderOptions {
  /** The provider's name in sentences: `Zendesk`. */
  readonly provider: string;
  /** What every code begins with: `ZENDESK`. */
  readonly codePrefix: string;
  /** The entry as it stands in the file, for sentences. Default: the pull entry of `context.source`, as `[[pull.zendesk]] name = "support"`. */
  readonly entry?: string;
  /** Where the API is: paths are below it. Credentials go to its origin and to no other. */
  readonly baseUrl: string;
  /** The option that holds `baseUrl`, for hints. Default `base_url`. */
  readonly baseUrlOption?: string;
  /**
   * Other names of the same server, as `host` or `host:port`, from an option of the entry: links to them are followed at the origin of
   * `baseUrl`. Give a list, empty or not, only if the entry has such an option: hints name it.
   */
  readonly allowedHosts?: readonly string[];
  /** The option that holds `allowedHosts`, for hints. Default `allowed_hosts`. */
  readonly allowedHostsOption?: string;
  /** Default: no credentials. */
  readonly authorize?: Authorize;
  /** Sent with every request, such as `user-agent` and a version of the API. `accept` is JSON unless it is given. */
  readonly headers?: RequestHeaders;
  readonly limits?: ClientLimits;
  /** How many requests the provider allows. */
  readonly rate?: RateDeclaration;
  /** Rows before the standard ones: the first that applies decides. */
  readonly answers?: readonly AnswerRow[];
  /** Instead of the standard hints. */
  readonly hints?: Readonly<Partial<Record<Situation, string | ((facts: AnswerFacts) => string | undefined)>>>;
  /** Parameters that come from options of the entry: `{ since: "since_default" }`. A refusal that names one says which option to correct. */
  readonly parameterOptions?: Readonly<Record<string, string>>;
  readonly context: Pick<ConnectorContext, "clock" | "fetch"> & Partial<Pick<ConnectorContext, "random" | "source">>;
}

/** The entry as sentences name it. */
export function entryOf({
  entry,
  provider,
  context: { source },
}: Pick<ProviderOptions, "entry" | "provider" | "context">): string {
  return entry ?? (source === undefined ? provider : `[[pull.${source.kind}]] name = ${JSON.stringify(source.name)}`);
}

/** Bounds of each request. */
export interface ClientLimits {
  /** For headers and body together. Default 30 s. */
  readonly timeoutMs?: number;
  /** After decompression. Default 16 MiB. */
  readonly maxBodyBytes?: number;
  /** Default 5. */
  readonly maxRedirects?: number;
  /** Requests in flight at once, over all clients with the same credentials. Default 4. */
  readonly concurrency?: number;
  /** A request that must wait longer for the rate budget fails with `…_RATE_LIMITED`. Default 10 s. */
  readonly patienceMs?: number;
}

/** How many requests a provider allows and which headers say so. */
export interface RateDeclaration {
  /** For all requests together. */
  readonly limit?: RateLimit;
  /** Requests with a `lane` of this name count here, too. */
  readonly lanes?: Readonly<Record<string, RateLimit>>;
  readonly headers?: RateHeaders;
}
