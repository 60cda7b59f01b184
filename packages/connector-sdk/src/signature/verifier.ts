import { ConnectorsError } from "../contract/errors.ts";
import { revealed, type Secret } from "../secrets/secret.ts";
import { ed25519Key, hmacKey, standardWebhooksKey } from "./keys.ts";
import { ed25519Matcher, hmacMatcher } from "./matchers.ts";
import { basicVerifier, tokenVerifier } from "./shown-verifiers.ts";
import type { Signature } from "./signature.ts";
import { signedVerifier, type Verifier } from "./signed-verifier.ts";
import { rememberSigner } from "./signer.ts";
import { standardWebhooksVerifier } from "./standard-webhooks.ts";

/** One secret, or several where any may match: two during a rotation. */
export type Secrets = string | Secret | readonly (string | Secret)[];

/**
 * Verifies requests by a declared signature and the secrets of an entry: the `verify` of a receiver. An empty secret admits no request.
 * Throws `PUSH_KEY_INVALID` for a secret that is no key of this scheme; {@link isKeyOf} says so before.
 *
 * @example open: ({ signing_secret }) => ({ verify: verifier(signature, signing_secret), async *pages(event) { … } })
 */
export function verifier(signature: Signature, secrets: Secrets): Verifier {
  const texts = [secrets]
    .flat()
    .map(revealed)
    .filter((text) => text !== "");
  return rememberSigner(verifierOf(signature, texts), signature, texts);
}

function verifierOf(signature: Signature, texts: readonly string[]): Verifier {
  switch (signature.scheme) {
    case "hmac":
      return signedVerifier(signature, hmacMatcher(signature.algorithm, allKeys(texts, hmacKey(signature), signature)));
    case "ed25519":
      return signedVerifier(signature, ed25519Matcher(allKeys(texts, ed25519Key, signature)));
    case "token":
      return tokenVerifier(signature, texts);
    case "basic":
      return basicVerifier(signature, texts);
    case "standardWebhooks":
      return standardWebhooksVerifier(signature, allKeys(texts, standardWebhooksKey, signature));
  }
}

/** Whether a secret can be a key of that scheme: for the check of an option, so that a wrong one is found before anything is opened. */
export function isKeyOf(signature: Signature, secret: string | Secret): boolean {
  const text = revealed(secret);
  switch (signature.scheme) {
    case "hmac":
      return hmacKey(signature)(text) !== undefined;
    case "ed25519":
      return ed25519Key(text) !== undefined;
    case "standardWebhooks":
      return standardWebhooksKey(text) !== undefined;
    default:
      return text !== "";
  }
}

function allKeys<Key>(
  texts: readonly string[],
  toKey: (text: string) => Key | undefined,
  { secretOption }: Signature,
): readonly Key[] {
  return texts.map((text) => {
    const key = toKey(text);
    if (key !== undefined) return key;
    throw new ConnectorsError({
      code: "PUSH_KEY_INVALID",
      message: `\`${secretOption}\` holds no key of the kind that the sender signs with`,
      hint: `set \`${secretOption}\` to the key exactly as the sender shows it`,
    });
  });
}
