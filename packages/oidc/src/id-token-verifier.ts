import type { ConnectorContext } from "@statewave-connectors/connector-sdk";
import type { VerifyRequest } from "@statewave-connectors/connector-sdk/signature";
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { IdTokenExpectation } from "./id-token-expectation.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { claimRefusal, endRefusal, noToken, refusal, refusalOf } from "./token-refusal.ts";

/**
 * Verifies requests by the ID token in their `Authorization: Bearer`: the `verify` of a receiver. Keys that cannot be fetched are no reason
 * to refuse: it throws a retryable `PUSH_KEYS_UNAVAILABLE`, and the sender is answered 503.
 *
 * A token proves the sender and not the body, and is good until it ends: deliveries need an id, or must be harmless when they come twice.
 *
 * @example verify: idTokenVerifier({ jwksUrl, issuers, audiences: [audience], audienceOption: "audience", emails, emailsOption }, context)
 */
export function idTokenVerifier(
  expected: IdTokenExpectation,
  context: Pick<ConnectorContext, "source" | "clock" | "fetch">,
): VerifyRequest {
  const { kind, name } = context.source;
  const keys = new IssuerKeys({ jwksUrl: expected.jwksUrl, entry: `[[push.${kind}]] name = "${name}"`, context });
  return async ({ headers, receivedAtMs }, signal) => {
    const { authorization } = headers;
    if (authorization === undefined) return refusal("signature_missing", noToken);
    const token = bearerToken(authorization);
    if (token === undefined) return refusal("signature_malformed", noToken);
    try {
      const options = optionsOf(expected, receivedAtMs);
      const claims = await verifiedClaims(token, keysFor(keys, signal), options);
      return endRefusal(claims, receivedAtMs, Number(options.maxTokenAge)) ?? claimRefusal(claims, expected);
    } catch (error) {
      return refusalOf(error, expected, receivedAtMs);
    }
  };
}

/** ID tokens have about a kilobyte. */
const maxTokenLength = 16 * 1024;

function bearerToken(authorization: string): string | undefined {
  const [scheme = "", token = "", ...others] = authorization.length > maxTokenLength ? [] : authorization.split(" ");
  return scheme.toLowerCase() === "bearer" && token !== "" && others.length === 0 ? token : undefined;
}

const dayInSeconds = 86_400;

function optionsOf(expected: IdTokenExpectation, receivedAtMs: number): JWTVerifyOptions {
  return {
    algorithms: [...(expected.algorithms ?? ["RS256"])],
    issuer: [...expected.issuers],
    audience: [...expected.audiences],
    clockTolerance: expected.toleranceSeconds ?? 60,
    maxTokenAge: expected.maxAgeSeconds ?? dayInSeconds,
    requiredClaims: ["exp"],
    currentDate: new Date(receivedAtMs),
  };
}

/** Only a token of a possible form costs a look at the issuer's keys. One that names no key is refused, as Google's own library does. */
function keysFor(keys: IssuerKeys, signal: AbortSignal): JWTVerifyGetKey {
  return async (header, token) => {
    if (header.kid === undefined) throw new errors.JWKSNoMatchingKey();
    const find = await keys.current(signal);
    try {
      return await find(header, token);
    } catch (error) {
      const renewed = error instanceof errors.JWKSNoMatchingKey ? await keys.renewed(signal) : undefined;
      if (renewed === undefined) throw error;
      return await renewed(header, token);
    }
  };
}

/** Throws a `JOSEError` for a token that does not prove what is expected. */
async function verifiedClaims(token: string, find: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, find, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return await verifiedByOneOf(error, token, options);
  }
}

/** An issuer may give a new key the name of the one before it. */
async function verifiedByOneOf(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
