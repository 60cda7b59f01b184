import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Compares two strings without telling by its timing where they differ, nor how long the secret one is. */
export function constantTimeEqual(left: string, right: string): boolean {
  return timingSafeEqual(createHash("sha256").update(left).digest(), createHash("sha256").update(right).digest());
}

export interface HmacCheck {
  readonly algorithm: "sha256" | "sha1";
  /** Any of them may match: two during a rotation. Empty secrets never match. */
  readonly secrets: readonly string[];
  /** What was signed, in order; bytes as they came over the wire. */
  readonly signed: readonly (string | Uint8Array)[];
  /** The signature as received, without its `v0=`-like prefix. */
  readonly signature: string;
  /** How the signature is written. Default hex. */
  readonly encoding?: "hex" | "base64";
}

const hexPattern = /^[0-9a-f]+$/i;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** Whether `signature` is the HMAC of the signed parts under one of the secrets. Anything malformed is simply false. */
export function verifyHmac(check: HmacCheck): boolean {
  const encoding = check.encoding ?? "hex";
  if (!(encoding === "hex" ? hexPattern : base64Pattern).test(check.signature)) return false;
  const received = Buffer.from(check.signature, encoding);
  let matched = false;
  for (const secret of check.secrets) {
    if (secret === "") continue;
    const hmac = createHmac(check.algorithm, secret);
    for (const part of check.signed) hmac.update(part);
    const expected = hmac.digest();
    // No early exit: how many secrets were tried is not to be read from the timing either.
    if (expected.length === received.length && timingSafeEqual(expected, received)) matched = true;
  }
  return matched;
}

/**
 * Whether a signed timestamp (decimal epoch seconds, as received) lies within `toleranceSeconds` of now, in either direction:
 * a far-future timestamp would otherwise stay replayable until then.
 */
export function isFreshTimestamp(timestamp: string, nowMs: number, toleranceSeconds: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(nowMs / 1000 - Number(timestamp)) <= toleranceSeconds;
}
