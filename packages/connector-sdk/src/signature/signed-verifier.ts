import type { ReceivedRequest } from "../contract/receiver.ts";
import type { Refusal } from "../contract/refusal.ts";
import { refusal } from "./refusals.ts";
import { decodeSignature, entriesOf } from "./sent-signatures.ts";
import type { SignedHeader } from "./signature.ts";
import { parseSignedTime } from "./signed-time.ts";
import { SignedText } from "./signed-text.ts";

/** Why a request is refused; undefined: it is genuine. */
export type Verifier = (request: ReceivedRequest) => Refusal | undefined;

/** What distinguishes one scheme from another. */
export interface SignatureMatcher {
  /** What the entry's option holds, in words. */
  readonly holds: string;
  /** How long a signature is. */
  readonly bytes: number;
  /** Whether one of the signatures was made of these parts with one of the keys. */
  readonly matches: (signatures: readonly Uint8Array[], parts: readonly Uint8Array[]) => boolean;
}

/**
 * Verifies requests that are signed. The signature is checked before the time, so that a clock is only reported to be off when the sender
 * is genuine.
 */
export function signedVerifier(declared: SignedHeader, { holds, bytes, matches }: SignatureMatcher): Verifier {
  const { header, encoding = "hex", timestamp, secretOption } = declared;
  const toleranceSeconds = timestamp?.toleranceSeconds;
  const hinted = { header, secretOption, holds, toleranceSeconds };
  const signed = new SignedText(declared.signed ?? "{body}");
  return (request) => {
    const sent = request.headers[header];
    const time = sentTime(request, declared);
    if (sent === undefined || time === undefined || !signed.isComplete(request)) return refusal("signature_missing", hinted);
    const signatures = sentSignatures(sent, declared).flatMap((text) => decodeSignature(text, encoding, bytes) ?? []);
    const timeMs = timestamp === undefined ? request.receivedAtMs : parseSignedTime(time, timestamp.unit);
    const parts = signed.of(request, time);
    if (signatures.length === 0 || timeMs === undefined || parts === undefined) return refusal("signature_malformed", hinted);
    if (!matches(signatures, parts)) return refusal("signature_invalid", hinted);
    const skewMs = request.receivedAtMs - timeMs;
    return Math.abs(skewMs) <= (toleranceSeconds ?? 0) * 1_000 ? undefined : refusal("timestamp_stale", hinted, skewMs);
  };
}

/** "" where no time is signed; undefined where it is missing. */
function sentTime({ headers }: ReceivedRequest, { header, timestamp, list }: SignedHeader): string | undefined {
  if (timestamp === undefined) return "";
  if (timestamp.header !== undefined) return headers[timestamp.header];
  return list === undefined ? undefined : (entriesOf(headers[header] ?? "", { ...list, name: timestamp.entry ?? "" })[0] ?? "");
}

function sentSignatures(sent: string, { list, prefix = "" }: SignedHeader): readonly string[] {
  if (list !== undefined) return entriesOf(sent, list);
  return sent.startsWith(prefix) ? [sent.slice(prefix.length)] : [];
}
