import type { SignatureList } from "./sent-signatures.ts";
import type { SignedTime } from "./signed-time.ts";

/** Where a signature is sent and what it covers: the same for every scheme that signs. */
export interface SignedHeader {
  /** The header with the signature, in lower case. */
  readonly header: string;
  /** How the signature is written. Default hex. */
  readonly encoding?: "hex" | "base64";
  /** What stands in front of the signature in its header, e.g. `sha256=`. Default: nothing. */
  readonly prefix?: string;
  /** Where the header holds several values with names, instead of `prefix`. */
  readonly list?: SignatureList;
  /** Where the time is signed as well. */
  readonly timestamp?: SignedTime;
  /** What is signed, see {@link SignedText}: `v0:{timestamp}:{body}`. Default `{body}`. */
  readonly signed?: string;
  /** The entry's option that holds the secret or the key: hints name it. */
  readonly secretOption: string;
}

/** An HMAC of the request under a shared secret. */
export interface HmacSignature extends SignedHeader {
  readonly algorithm: "sha256" | "sha1" | "sha512";
  /** Where the secret is not used as the text that it is. Default `utf8`. */
  readonly secretEncoding?: "utf8" | "base64" | "hex";
}

/** A signature by the provider's Ed25519 key: the secrets are public keys, as hex, base64 or PEM. */
export type Ed25519Signature = SignedHeader;

/** Nothing is signed: the sender shows a token that only it and we know. */
export interface SharedToken {
  /** The header with the token, in lower case. */
  readonly header: string;
  /** What stands in front of the token, e.g. `Bearer `; upper and lower case are the same. Default: nothing. */
  readonly prefix?: string;
  readonly secretOption: string;
}

/** Nothing is signed: the sender shows a user and a password (RFC 7617). */
export interface BasicCredentials {
  /** Default: each secret is `<user>:<password>` as a whole. */
  readonly user?: string;
  readonly secretOption: string;
}

/** The scheme of standardwebhooks.com: `whsec_…` secrets (HMAC-SHA256, `v1`) and `whpk_…` public keys (Ed25519, `v1a`). */
export interface StandardWebhooks {
  /** Of the three headers; Svix sends `svix`. Default `webhook`. */
  readonly headerPrefix?: string;
  /** Default 300. */
  readonly toleranceSeconds?: number;
  readonly secretOption: string;
}

/** How a provider proves that a webhook is its own, as data: a receiver verifies by it, and a test signs by it. */
export type Signature =
  | ({ readonly scheme: "hmac" } & HmacSignature)
  | ({ readonly scheme: "ed25519" } & Ed25519Signature)
  | ({ readonly scheme: "token" } & SharedToken)
  | ({ readonly scheme: "basic" } & BasicCredentials)
  | ({ readonly scheme: "standardWebhooks" } & StandardWebhooks);
