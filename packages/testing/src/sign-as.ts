import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import {
  headerSigner,
  type HmacSignature,
  type Signature,
  type SignedHeader,
  standardWebhooksHeader,
} from "@statewave-connectors/connector-sdk/signature";
import type { ReceiverSubject } from "./describe-receiver/receiver-subject.ts";

/** What a receiver's suite takes of a declared signature. */
export type SignedMember = Required<Pick<ReceiverSubject, "capabilities" | "sign" | "secretOf">>;

/**
 * Signs as the provider of a declared signature does: `describeReceiver({ connector, ...signAs(signature), options, samples })`. It knows the
 * provider from the declaration only: compare the declaration with something that the provider published, too.
 */
export function signAs(signature: Signature): SignedMember {
  switch (signature.scheme) {
    case "hmac":
      return signedBy(signature, hmacSigner(signature));
    case "ed25519":
      return signedBy(signature, ed25519Signer);
    case "standardWebhooks": {
      return signedBy(standardWebhooksHeader(signature, "v1"), standardWebhooksSigner);
    }
    case "token": {
      const { header, prefix = "" } = signature;
      return shownIn(header, (secret) => prefix + secret);
    }
    case "basic": {
      const user = signature.user === undefined ? "" : `${signature.user}:`;
      return shownIn("authorization", (secret) => `Basic ${Buffer.from(user + secret).toString("base64")}`);
    }
  }
}

interface Signer {
  readonly make: (secret: string, message: Uint8Array) => Buffer;
  /** How the entry spells a secret of the suite. */
  readonly secretOf: (secret: string) => string;
}

function hmacSigner({ algorithm, secretEncoding = "utf8" }: Pick<HmacSignature, "algorithm" | "secretEncoding">): Signer {
  return {
    make: (secret, message) => createHmac(algorithm, secret).update(message).digest(),
    secretOf: (secret) => Buffer.from(secret).toString(secretEncoding),
  };
}

const standardWebhooksSigner: Signer = {
  make: hmacSigner({ algorithm: "sha256" }).make,
  secretOf: (secret) => `whsec_${Buffer.from(secret).toString("base64")}`,
};

/** The suite's secrets are words: each stands for a key pair. */
const ed25519Signer: Signer = {
  make: (secret, message) => sign(null, message, privateKeyOf(secret)),
  secretOf: (secret) =>
    createPublicKey(privateKeyOf(secret)).export({ format: "der", type: "spki" }).subarray(-32).toString("hex"),
};

/** DER in front of an Ed25519 seed (RFC 8410 §7). */
const seedHeader = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKeyOf(secret: string): KeyObject {
  const seed = createHash("sha256").update(secret).digest();
  return createPrivateKey({ key: Buffer.concat([seedHeader, seed]), format: "der", type: "pkcs8" });
}

function signedBy(declared: SignedHeader, { make, secretOf }: Signer): SignedMember {
  const { header, list, timestamp } = declared;
  return {
    capabilities: {
      signatureHeader: header,
      toleranceSeconds: timestamp?.toleranceSeconds ?? "none",
      secrets: 2,
      severalSignatures: list !== undefined,
    },
    secretOf,
    sign: ({ secret, ...delivery }) => headerSigner(declared, (message) => make(secret, message))(delivery),
  };
}

function shownIn(header: string, show: (secret: string) => string): SignedMember {
  return {
    capabilities: { signatureHeader: header, toleranceSeconds: "none", secrets: 2, proves: "sender" },
    secretOf: String,
    sign: ({ secret }) => ({ [header]: show(secret) }),
  };
}
