import { createHmac, type KeyObject } from "node:crypto";
import type { VerifyRequest } from "../contract/receiver.ts";
import { hmacKey, standardWebhooksKey } from "./keys.ts";
import type { Signature } from "./signature.ts";
import { type DeliverySigner, type DeliveryToSign, headerSigner } from "./signed-headers.ts";
import type { Verifier } from "./signed-verifier.ts";
import { standardWebhooksHeader } from "./standard-webhooks.ts";

/** What a sender adds to a delivery to prove itself. */
export interface DeliveryProof {
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters of the URL. */
  readonly query?: Readonly<Record<string, string>>;
}

export type DeliveryProver = (delivery: DeliveryToSign) => DeliveryProof;

const provers = new WeakMap<object, DeliveryProver>();

/** Remembers how the sender signs what `verify` admits, where a secret of the entry can sign. */
export function rememberSigner(verify: Verifier, signature: Signature, secrets: readonly string[]): Verifier {
  const signer = secrets.map((secret) => toSigner(signature, secret)).find((each) => each !== undefined);
  return signer === undefined ? verify : withProver(verify, (delivery) => ({ headers: signer(delivery) }));
}

/** Registers how a sender proves itself to a custom `verify`, so that `simulate` and `doctor` can try the receiver. */
export function withProver<Verify extends VerifyRequest>(verify: Verify, prover: DeliveryProver): Verify {
  provers.set(verify, prover);
  return verify;
}

/**
 * How the sender proves a delivery to this `verify`. Undefined unless it was made by `verifier()` or `withProver()`, and for a sender that
 * signs with a private key.
 */
export function proverOf(verify: object): DeliveryProver | undefined {
  return provers.get(verify);
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
