/**
 * Why a webhook was refused. Receivers return it beside their answer, so that logs, health and metrics name the cause:
 *
 * - `signature_missing`: nothing is signed. Scanners send that, and a provider in which no secret is set.
 * - `signature_malformed`: what stands in the header cannot be a signature.
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
}
