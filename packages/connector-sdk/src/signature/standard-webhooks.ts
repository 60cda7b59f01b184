import type { KeyObject } from "node:crypto";
import type { Refusal } from "../contract/refusal.ts";
import { ed25519Matcher, hmacMatcher } from "./matchers.ts";
import type { SignedHeader, StandardWebhooks } from "./signature.ts";
import { signedVerifier, type Verifier } from "./signed-verifier.ts";

/**
 * Verifies Standard Webhooks. One header holds signatures of several versions and keys; one that matches is enough.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooksVerifier(declared: StandardWebhooks, keys: readonly KeyObject[]): Verifier {
  const secrets = keys.filter(({ type }) => type === "secret");
  const publicKeys = keys.filter(({ type }) => type === "public");
  const bySecret = signedVerifier(standardWebhooksHeader(declared, "v1"), hmacMatcher("sha256", secrets));
  if (publicKeys.length === 0) return bySecret;
  const byPublicKey = signedVerifier(standardWebhooksHeader(declared, "v1a"), ed25519Matcher(publicKeys));
  if (secrets.length === 0) return byPublicKey;
  return (request) => either(bySecret(request), () => byPublicKey(request));
}

/** How a version of the signature is sent, in the words of the other schemes: `v1` is made with a secret, `v1a` with an Ed25519 key. */
export function standardWebhooksHeader(
  { headerPrefix = "webhook", toleranceSeconds = 300, secretOption }: StandardWebhooks,
  version: "v1" | "v1a",
): SignedHeader {
  return {
    header: `${headerPrefix}-signature`,
    encoding: "base64",
    list: { name: version, separator: " ", assign: "," },
    timestamp: { header: `${headerPrefix}-timestamp`, toleranceSeconds },
    signed: `{header:${headerPrefix}-id}.{timestamp}.{body}`,
    secretOption,
  };
}

/** From the least that a refusal says of the sender to the most: a stale time proves that it is genuine. */
const telling = ["other", "signature_missing", "signature_malformed", "signature_invalid", "timestamp_stale"] as const;

function either(first: Refusal | undefined, second: () => Refusal | undefined): Refusal | undefined {
  if (first === undefined) return undefined;
  const other = second();
  return other === undefined || telling.indexOf(other.reason) > telling.indexOf(first.reason) ? other : first;
}
