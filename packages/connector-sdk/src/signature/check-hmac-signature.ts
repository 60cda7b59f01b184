import type { Received, ReceivedRequest } from "../contract/receiver.ts";
import { refused } from "../contract/refused.ts";
import type { Secret } from "../secrets/secret.ts";
import { hmac } from "./declare.ts";
import type { HmacSignature } from "./signature.ts";
import type { Verifier } from "./signed-verifier.ts";
import { verifier } from "./verifier.ts";

/** Both live as long as the entry that they belong to. */
const known = new WeakMap<HmacSignature, WeakMap<readonly (string | Secret)[], Verifier>>();

/**
 * Undefined when the webhook is signed with one of the secrets, and recently where a time is signed; else the refusal with its reason. For
 * a `receive` that verifies by itself; other receivers declare `verify`.
 */
export function checkHmacSignature(
  request: Pick<ReceivedRequest, "headers" | "body" | "receivedAtMs">,
  signature: HmacSignature,
  secrets: readonly (string | Secret)[],
): Received | undefined {
  const bySecrets = known.get(signature) ?? new WeakMap<readonly (string | Secret)[], Verifier>();
  known.set(signature, bySecrets);
  const verify = bySecrets.get(secrets) ?? verifier(hmac(signature), secrets);
  bySecrets.set(secrets, verify);
  const refusal = verify({ method: "POST", path: "/", ...request });
  return refusal === undefined ? undefined : refused(refusal);
}
