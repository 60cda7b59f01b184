import { base64url, manyBase64url, type TokenRule } from "./token-rule.ts";

/** Tokens of a standard instead of a provider. */
export const standardTokens: readonly TokenRule[] = [
  // RFC 7516: an encrypted token has five parts; the second may be empty.
  {
    provider: "JWE",
    literal: "eyJ",
    parts: [manyBase64url(12), ".", manyBase64url(0), ".", manyBase64url(8), ".", manyBase64url(8), ".", manyBase64url(8)],
  },
  // RFC 7519
  { provider: "JWT", literal: "eyJ", parts: [manyBase64url(12), ".", manyBase64url(12), ".", manyBase64url(8)] },
  { provider: "JWT", literal: "eyJ", parts: [manyBase64url(12), ".eyJ", manyBase64url(12), "."] },
  // A token that was encoded once more.
  { provider: "JWT", literal: "ZXlK", parts: [{ of: "base64", min: 60 }] },
  { provider: "GitLab", literal: "_gitlab_session=", parts: [base64url(32)], anywhere: true },
];
