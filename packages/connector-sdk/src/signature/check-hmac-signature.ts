import { type Received, type ReceivedRequest, refuse } from "../contract/receiver.ts";
import type { Refusal, RefusalReason } from "../contract/refusal.ts";
import type { Secret } from "../secrets/secret.ts";
import { type HmacCheck, isFreshTimestamp, verifyHmac } from "./verify-hmac.ts";

/** How a provider signs its webhooks. */
export interface HmacSignature {
  /** The header with the signature, in lower case. */
  readonly header: string;
  readonly algorithm: HmacCheck["algorithm"];
  /** What stands in front of the signature in its header, e.g. `sha256=`. Default: nothing. */
  readonly prefix?: string;
  /** How the signature is written. Default hex. */
  readonly encoding?: "hex" | "base64";
  /** Where the time is signed as well: the header with the decimal epoch seconds, and how far it may be off. */
  readonly timestamp?: { readonly header: string; readonly toleranceSeconds: number };
  /** What is signed, in order. `timestamp` is the header's text, "" where there is none. Default: the body. */
  readonly signed?: (body: Uint8Array, timestamp: string) => readonly (string | Uint8Array)[];
  /** The entry's option that holds the secret: named in hints. */
  readonly secretOption: string;
}

const digestBytes: Readonly<Record<HmacCheck["algorithm"], number>> = { sha256: 32, sha1: 20 };

/**
 * Undefined when the webhook is signed with one of the secrets, and recently where a time is signed; else the refusal with its reason. The
 * signature is checked before the time, so that a clock is only reported to be off when the sender is genuine.
 */
export function checkHmacSignature(
  { headers, body, receivedAtMs }: Pick<ReceivedRequest, "headers" | "body" | "receivedAtMs">,
  signature: HmacSignature,
  secrets: readonly (string | Secret)[],
): Received | undefined {
  const { header, algorithm, prefix = "", encoding = "hex", timestamp, signed = theBody } = signature;
  const sent = headers[header];
  const time = timestamp === undefined ? "" : headers[timestamp.header];
  if (sent === undefined || time === undefined) return refusal("signature_missing", signature);
  const isTime = timestamp === undefined || /^\d{1,12}$/.test(time);
  const digest = sent.startsWith(prefix) ? sent.slice(prefix.length) : "";
  if (!isTime || !isDigest(digest, encoding, digestBytes[algorithm])) return refusal("signature_malformed", signature);
  if (!verifyHmac({ algorithm, secrets, signed: signed(body, time), signature: digest, encoding }))
    return refusal("signature_invalid", signature);
  if (timestamp === undefined || isFreshTimestamp(time, receivedAtMs, timestamp.toleranceSeconds)) return undefined;
  return refusal("timestamp_stale", signature, { skewMs: receivedAtMs - Number(time) * 1000 });
}

const theBody = (body: Uint8Array): readonly Uint8Array[] => [body];

function isDigest(text: string, encoding: "hex" | "base64", bytes: number): boolean {
  if (encoding === "hex") return text.length === bytes * 2 && /^[0-9a-f]+$/i.test(text);
  return text.length === Math.ceil(bytes / 3) * 4 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** To the sender a malformed signature is a wrong one. */
const answers: Readonly<Record<Exclude<RefusalReason, "other">, string>> = {
  signature_missing: "signature_missing",
  signature_malformed: "signature_invalid",
  signature_invalid: "signature_invalid",
  timestamp_stale: "timestamp_stale",
};

function refusal(
  reason: Exclude<RefusalReason, "other">,
  signature: HmacSignature,
  details: Pick<Refusal, "skewMs"> = {},
): Received {
  const hint = hintFor(reason, signature);
  return { ...refuse(401, answers[reason], hint), refusal: { reason, hint, ...details } };
}

function hintFor(reason: RefusalReason, { header, secretOption, timestamp }: HmacSignature): string {
  switch (reason) {
    case "signature_missing":
      return `set the secret of \`${secretOption}\` at the sender too: it sent no ${header}`;
    case "timestamp_stale":
      return `synchronise both clocks: the signed time is more than ${timestamp?.toleranceSeconds ?? 0} s off`;
    default:
      return `set \`${secretOption}\` to the secret that the sender signs with`;
  }
}
