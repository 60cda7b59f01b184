/** Signatures by a private key. Those by a shared secret, and none, are never accepted. */
export type SignatureAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA";

/** Which ID tokens prove the sender of a webhook. */
export interface IdTokenExpectation {
  /** Where the issuer publishes its keys: `https://www.googleapis.com/oauth2/v3/certs`. */
  readonly jwksUrl: string;
  /** One of them is the token's `iss`: `["https://accounts.google.com", "accounts.google.com"]`. */
  readonly issuers: readonly string[];
  /** One of them is the token's `aud`. */
  readonly audiences: readonly string[];
  /** The entry's option that holds the audience: hints name it. */
  readonly audienceOption: string;
  /**
   * One of them is the token's `email`, which the issuer has verified. Without it anyone who has an account at the issuer can make a
   * token for any audience. Absent: `issuers` and `audiences` alone decide.
   */
  readonly emails?: readonly string[];
  /** The entry's option that holds the emails: hints name it. */
  readonly emailsOption?: string;
  /** Default `["RS256"]`. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How far the clocks may be apart. Default 60. */
  readonly toleranceSeconds?: number;
  /** No token is accepted for longer, and none that ends later than this from now. Default 24 hours. */
  readonly maxAgeSeconds?: number;
}
