import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { revealed, type Secret } from "../secrets/secret.ts";

/** Compares two texts in a time that depends neither on where they differ nor on how long the secret one is. */
export function constantTimeEqual(left: string | Secret, right: string | Secret): boolean {
  return timingSafeEqual(digestOf(left), digestOf(right));
}

function digestOf(text: string | Secret): Buffer {
  return createHash("sha256").update(revealed(text)).digest();
}

export interface HmacCheck {
  readonly algorithm: "sha256" | "sha1";
  /** Any of them may match: two during a rotation. Empty secrets never match. */
  readonly secrets: readonly (string | Secret)[];
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
  for (const secret of check.secrets.map(revealed)) {
    if (secret === "") continue;
    const hmac = createHmac(check.algorithm, secret);
    for (const part of check.signed) hmac.update(part);
    const expected = hmac.digest();
    // No early exit: the timing must not show how many secrets were tried.
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
