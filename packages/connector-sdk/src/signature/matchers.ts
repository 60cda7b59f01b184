import { createHmac, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import type { HmacSignature } from "./signature.ts";
import type { SignatureMatcher } from "./signed-verifier.ts";

type Algorithm = HmacSignature["algorithm"];

const digestBytes: Readonly<Record<Algorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** Every key is tried on every signature: how many there are cannot be read from the time that it takes. */
export function hmacMatcher(algorithm: Algorithm, keys: readonly KeyObject[]): SignatureMatcher {
  return {
    holds: "the secret that the sender signs with",
    bytes: digestBytes[algorithm],
    matches(signatures, parts) {
      let matched = false;
      for (const key of keys) {
        const hmac = createHmac(algorithm, key);
        for (const part of parts) hmac.update(part);
        const expected = hmac.digest();
        for (const signature of signatures) if (timingSafeEqual(expected, signature)) matched = true;
      }
      return matched;
    },
  };
}

/** Nothing here is secret: the keys are public. */
export function ed25519Matcher(keys: readonly KeyObject[]): SignatureMatcher {
  return {
    holds: "the public key of the sender",
    bytes: 64,
    matches(signatures, parts) {
      const message = Buffer.concat(parts);
      return signatures.some((signature) => keys.some((key) => verify(null, message, key, signature)));
    },
  };
}
