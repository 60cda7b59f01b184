/**
 * Why a webhook was refused. Logs, health and metrics name the cause:
 *
 * - `signature_missing`: nothing proves who sent it: no signature, token or password. Scanners send that, and a provider in which no secret
 *   is set.
 * - `signature_malformed`: what stands in the header cannot be a signature, token or password.
 * - `signature_invalid`: it was made with another secret, or of another body.
 * - `timestamp_stale`: the signature is right, but the signed time is outside the window.
 * - `other`: refused with 401 or 403 without a reason.
 */
export const refusalReasons = [
  "signature_missing",
  "signature_malformed",
  "signature_invalid",
  "timestamp_stale",
  "other",
] as const;

/** One of {@link refusalReasons}. */
export type RefusalReason = (typeof refusalReasons)[number];

/** Why one webhook was refused, for the operator. The sender gets the answer only. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Of a stale timestamp: how far this machine's clock is ahead of the sender's; negative: behind. */
  readonly skewMs?: number;
  /** What the operator should change here, e.g. which option. Never a secret. */
  readonly hint?: string;
  /** The answer's WWW-Authenticate header, where the sender waits for one (RFC 9110 §11.6.1). */
  readonly challenge?: string;
}
