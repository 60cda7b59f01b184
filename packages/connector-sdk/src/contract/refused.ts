import { type Respond, refuse } from "./receiver.ts";
import type { Refusal, RefusalReason } from "./refusal.ts";

/** To the sender a malformed signature is a wrong one. */
const errors: Readonly<Record<RefusalReason, string>> = {
  signature_missing: "signature_missing",
  signature_malformed: "signature_invalid",
  signature_invalid: "signature_invalid",
  timestamp_stale: "timestamp_stale",
  other: "unauthorized",
};

/** The 401 of a refusal. */
export function refused(refusal: Refusal): Respond {
  const { reason, hint, challenge } = refusal;
  const { type, response } = refuse(401, errors[reason], hint);
  const headers = challenge === undefined ? response.headers : { ...response.headers, "www-authenticate": challenge };
  return { type, response: { ...response, ...(headers === undefined ? {} : { headers }) }, refusal };
}
