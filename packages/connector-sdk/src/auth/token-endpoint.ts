import type { Clock } from "../contract/clock.ts";
import type { Secret } from "../secrets/secret.ts";

/** An OAuth token endpoint, and how its failures are named. */
export interface TokenEndpoint {
  readonly url: string;
  /** Of the codes of errors: `ZENDESK` gives `ZENDESK_UNAUTHORIZED`, `_FORBIDDEN`, `_RATE_LIMITED`, `_UNAVAILABLE` and `_BAD_ANSWER`. */
  readonly codePrefix: string;
  /** The provider's name in sentences, e.g. `Zendesk`. */
  readonly provider: string;
  /** What to do when the provider does not accept the credentials: it names the options that hold them. */
  readonly hint: string;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

/** The parameters of a grant; those that are undefined are not sent. */
export type GrantParameters = Readonly<Record<string, string | Secret | undefined>>;
