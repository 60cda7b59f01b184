import { createHmac, type KeyObject } from "node:crypto";
import { hmacKey, standardWebhooksKey } from "./keys.ts";
import type { Signature } from "./signature.ts";
import { type DeliverySigner, headerSigner } from "./signed-headers.ts";
import type { Verifier } from "./signed-verifier.ts";
import { standardWebhooksHeader } from "./standard-webhooks.ts";

const signers = new WeakMap<object, DeliverySigner>();

/** Remembers how the sender signs what `verify` admits, where a secret of the entry can sign. */
export function rememberSigner(verify: Verifier, signature: Signature, secrets: readonly string[]): Verifier {
  const signer = secrets.map((secret) => toSigner(signature, secret)).find((each) => each !== undefined);
  if (signer !== undefined) signers.set(verify, signer);
  return verify;
}

/**
 * Signs as the sender does whose deliveries a `verify` of `verifier()` admits, with the secret of the entry: for a trial of a receiver.
 * Undefined for a `verify` of another kind, and for a sender that signs with a private key.
 */
export function signerOf(verify: object): DeliverySigner | undefined {
  return signers.get(verify);
}

function toSigner(signature: Signature, secret: string): DeliverySigner | undefined {
  switch (signature.scheme) {
    case "hmac":
      return hmacSigner(signature.algorithm, hmacKey(signature)(secret), (make) => headerSigner(signature, make));
    case "standardWebhooks":
      return hmacSigner("sha256", standardWebhooksKey(secret), (make) =>
        headerSigner(standardWebhooksHeader(signature, "v1"), make),
      );
    case "token":
      return () => ({ [signature.header]: onTheWire(`${signature.prefix ?? ""}${secret}`) });
    case "basic": {
      const credentials = signature.user === undefined ? secret : `${signature.user}:${secret}`;
      return () => ({ authorization: `Basic ${Buffer.from(credentials).toString("base64")}` });
    }
    case "ed25519":
      return undefined;
  }
}

function hmacSigner(
  algorithm: string,
  key: KeyObject | undefined,
  sign: (make: (message: Uint8Array) => Buffer) => DeliverySigner,
): DeliverySigner | undefined {
  if (key?.type !== "secret") return undefined;
  return sign((message) => createHmac(algorithm, key).update(message).digest());
}

/** Header values are bytes, read as Latin-1. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString("latin1");
}
