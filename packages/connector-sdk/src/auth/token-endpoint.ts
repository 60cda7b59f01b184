import type { ConnectorContext } from "../contract/connector.ts";
import type { AnswerRow, Verdict } from "../http/answers.ts";
import { ProviderClient } from "../http/provider-client.ts";
import { fitsHeader } from "../options/fits-header.ts";
import { revealed, type Secret } from "../secrets/secret.ts";
import type { IssuedToken } from "./cached-token.ts";

/** An OAuth token endpoint, and how its failures are named. */
export interface TokenEndpointOptions {
  readonly tokenUrl: string;
  /** The provider's name in sentences: `Zendesk`. */
  readonly provider: string;
  /** What every code begins with: `ZENDESK` gives `ZENDESK_UNAUTHORIZED` and the others of a `ProviderClient`. */
  readonly codePrefix: string;
  /** The entry as it stands in the file, for sentences: `[[pull.zendesk]] name = "support"`. */
  readonly entry: string;
  /** What to do when the provider does not accept the credentials: names the options that hold them. */
  readonly hint: string;
  /** What to do when it refuses the grant (`invalid_grant`), such as a refresh token that was revoked. Default: `hint`. */
  readonly grantHint?: string | undefined;
  /** The scopes that are requested, separated by spaces. */
  readonly scope?: string | undefined;
  readonly context: Pick<ConnectorContext, "clock" | "fetch">;
}

/** What is sent for a token. */
export interface Grant {
  /** The parameters of the form; those that are undefined are not sent. */
  readonly parameters: Readonly<Record<string, string | Secret | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Tokens have some kilobytes at most; JWTs with many claims are the longest. */
const maxAnswerBytes = 256 * 1024;

/** Requests tokens at an OAuth token endpoint (RFC 6749 §5). */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #client: ProviderClient;

  constructor(options: TokenEndpointOptions) {
    const { tokenUrl, hint, grantHint, scope, ...names } = options;
    this.#options = options;
    this.#client = new ProviderClient({
      ...names,
      baseUrl: new URL(tokenUrl).origin,
      limits: { maxBodyBytes: maxAnswerBytes },
      answers: oauthAnswers({ scope, grantHint }),
      hints: { unauthorized: hint },
    });
  }

  /** The token that a grant gives. Throws a `ProviderError`, or the reason of the signal. */
  async request(grant: Grant, signal: AbortSignal): Promise<IssuedToken> {
    const { tokenUrl } = this.#options;
    const form = Object.fromEntries(
      Object.entries(grant.parameters).map(([name, value]) => [name, value === undefined ? value : revealed(value)]),
    );
    const answer = await this.#client.post(tokenUrl, {
      signal,
      body: { form },
      ...(grant.headers && { headers: grant.headers }),
    });
    const token = textIn(answer.body, "access_token");
    if (token === undefined || !fitsHeader(token)) throw this.#client.badAnswer(answer, "holds no token");
    return { token, lifetimeMs: lifetimeIn(answer.body), refreshToken: textIn(answer.body, "refresh_token") };
  }
}

/** RFC 6749 §5.2: these refuse the client or its grant; RFC 7523 §3.1 uses `invalid_grant` for an assertion. */
const refusedCredentials = new Set(["invalid_client", "invalid_grant", "unauthorized_client", "access_denied"]);

type AnswerHints = Pick<TokenEndpointOptions, "scope" | "grantHint">;

function oauthAnswers(hints: AnswerHints): readonly AnswerRow[] {
  return [
    ({ status, body }) => (status === 429 || status >= 500 ? undefined : verdictOn(textIn(body, "error"), hints)),
    { status: 403, when: ({ format }) => format !== "html", is: "unauthorized" },
    { status: [404, 405, 410], is: "bad_answer" },
  ];
}

/** Some providers refuse with status 200, so the word decides. */
function verdictOn(error: string | undefined, { scope, grantHint }: AnswerHints): Verdict | undefined {
  if (error === undefined) return undefined;
  if (error === "invalid_grant" && grantHint !== undefined) return { is: "unauthorized", hint: grantHint };
  if (refusedCredentials.has(error)) return { is: "unauthorized" };
  if (error === "temporarily_unavailable" || error === "server_error") return { is: "unavailable" };
  if (error === "invalid_scope" || error === "insufficient_scope") {
    return {
      is: "forbidden",
      hint: `allow the client ${scope === undefined ? "what the connector reads" : `the scope \`${scope}\``}`,
    };
  }
  return { is: "refused" };
}

function textIn(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `expires_in` are seconds; some providers write the number as a text. */
function lifetimeIn(body: unknown): number | undefined {
  const stated: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "expires_in") : undefined;
  const seconds = typeof stated === "string" && /^\d{1,12}$/.test(stated) ? Number(stated) : stated;
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
