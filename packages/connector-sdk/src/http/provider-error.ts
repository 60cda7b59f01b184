import { ConnectorsError, type ConnectorsErrorOptions, isConnectorsError } from "../contract/errors.ts";

/**
 * What an answer, or the lack of one, means. Each has a code, which begins with the provider's prefix:
 *
 * - `rate_limited` (`…_RATE_LIMITED`): not before `retryAtMs`.
 * - `unauthorized` (`…_UNAUTHORIZED`): the credentials are wrong, expired or revoked.
 * - `forbidden` (`…_FORBIDDEN`): the credentials lack a right.
 * - `not_found` (`…_NOT_FOUND`), `gone` (same code): it does not exist, any more, or may not be seen.
 * - `blocked` (`…_BLOCKED`): the provider withholds it, for legal or other reasons.
 * - `refused` (`…_REFUSED`): the request itself is wrong, by an option of the entry or by a defect of the connector.
 * - `unavailable` (`…_UNAVAILABLE`): the provider or the way to it is down or too slow.
 * - `bad_answer` (`…_BAD_ANSWER`): nothing that the provider would answer, such as the page of a proxy.
 */
export type Situation = keyof typeof situationCodes;

export const situationCodes = {
  rate_limited: "RATE_LIMITED",
  unauthorized: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  not_found: "NOT_FOUND",
  gone: "NOT_FOUND",
  blocked: "BLOCKED",
  refused: "REFUSED",
  unavailable: "UNAVAILABLE",
  bad_answer: "BAD_ANSWER",
} as const;

/** The codes of every error that a client with this prefix makes by itself. */
export function providerCodes(codePrefix: string): readonly string[] {
  return [...new Set(Object.values(situationCodes))].map((code) => `${codePrefix}_${code}`);
}

/** What {@link ProviderError} is made from. */
export interface ProviderErrorOptions extends ConnectorsErrorOptions {
  readonly situation: Situation;
  readonly status?: number | undefined;
  readonly overloaded?: boolean | undefined;
}

/** An error of a {@link ProviderClient}. Recognise it with {@link isProviderError}. */
export class ProviderError extends ConnectorsError {
  readonly situation: Situation;
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** The provider did not manage the request, or its answer was too large: the same request for fewer rows may succeed. `./paging` reads it. */
  readonly overloaded: boolean;

  constructor(options: ProviderErrorOptions) {
    super(options);
    this.situation = options.situation;
    this.status = options.status;
    this.overloaded = options.overloaded ?? false;
  }
}

/** Whether `error` is one of a provider client, also of another installed version, and, when given, of this situation. */
export function isProviderError(error: unknown, situation?: Situation): error is ProviderError {
  if (!isConnectorsError(error) || !("situation" in error)) return false;
  return situation === undefined || error.situation === situation;
}
