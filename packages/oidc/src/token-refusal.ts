import type { Refusal } from "@statewave-connectors/connector-sdk";
import { shownText } from "@statewave-connectors/connector-sdk/http";
import { errors, type JWTPayload } from "jose";
import type { IdTokenExpectation } from "./id-token-expectation.ts";

export const noToken = "let the sender send an ID token as `Authorization: Bearer`";

/** A refusal, with the challenge that RFC 6750 §3 wants. */
export function refusal(reason: Refusal["reason"], hint: string, skewMs?: number): Refusal {
  return { reason, hint, challenge: "Bearer", ...(skewMs === undefined ? {} : { skewMs }) };
}

/** What else the claims of a sound token must say. */
export function claimRefusal(
  { aud, email, email_verified: isVerified }: JWTPayload,
  expected: IdTokenExpectation,
): Refusal | undefined {
  const { emails, emailsOption = "emails" } = expected;
  // Google's own library refuses a list, too: any of its members could send the token on.
  if (typeof aud !== "string")
    return refusal("signature_invalid", `let the sender request tokens for one audience: this token is for ${shown(aud)}`);
  if (emails === undefined || (typeof email === "string" && isVerified === true && emails.includes(email))) return undefined;
  return refusal("signature_invalid", `list the account that sends in \`${emailsOption}\`: this token is of ${shown(email)}`);
}

/** A token that is good for longer than any may be: a thief could use it for as long. */
export function endRefusal({ exp = 0 }: JWTPayload, nowMs: number, maxAgeSeconds: number): Refusal | undefined {
  if (exp * 1_000 < nowMs + maxAgeSeconds * 1_000) return undefined;
  return refusal("timestamp_stale", `let the issuer make tokens that end within ${maxAgeSeconds} s`, nowMs - exp * 1_000);
}

/** Why a token is refused; throws what is no fault of the token. */
export function refusalOf(error: unknown, expected: IdTokenExpectation, nowMs: number): Refusal {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return ofClaim(error, expected, nowMs);
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return refusal(
      "signature_invalid",
      "check the issuer: it does not publish the key of this token, or the token names no key (`kid`)",
    );
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refusal("signature_malformed", `let the sender sign with ${(expected.algorithms ?? ["RS256"]).join(" or ")}`);
  }
  if (error instanceof errors.JOSEError) return refusal("signature_malformed", noToken);
  throw error;
}

/** The signature is right: the issuer made this token. */
function ofClaim(
  { claim, reason, payload }: errors.JWTExpired | errors.JWTClaimValidationFailed,
  expected: IdTokenExpectation,
  nowMs: number,
): Refusal {
  const stated = payload[claim];
  if ((claim === "exp" || claim === "nbf" || claim === "iat") && typeof stated === "number" && reason === "check_failed") {
    const skewMs = nowMs - stated * 1_000;
    const tolerance = `more than ${expected.toleranceSeconds ?? 60} s`;
    return refusal("timestamp_stale", `synchronise both clocks: the token is ${tolerance} outside its time`, skewMs);
  }
  if (claim === "aud") {
    const hint = `set \`${expected.audienceOption}\` to the audience that the sender uses: this token is for ${shown(stated)}`;
    return refusal("signature_invalid", hint);
  }
  return refusal("signature_invalid", `check who sends: the token's \`${claim}\` is ${shown(stated)}`);
}

/** The sender's own words, in one line. */
function shown(value: unknown): string {
  return value === undefined ? "nobody" : shownText(typeof value === "string" ? value : JSON.stringify(value));
}
