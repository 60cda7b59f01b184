import type { Refusal, RefusalReason } from "../contract/refusal.ts";

/** What hints are made from. */
export interface Hinted {
  /** The header that the sender proves itself by. */
  readonly header: string;
  readonly secretOption: string;
  /** What the option holds, in words: `the secret that the sender signs with`. */
  readonly holds: string;
  readonly toleranceSeconds?: number | undefined;
}

/** A refusal with the hint that goes with its reason. */
export function refusal(reason: Exclude<RefusalReason, "other">, hinted: Hinted, skewMs?: number): Refusal {
  return { reason, hint: hintFor(reason, hinted), ...(skewMs === undefined ? {} : { skewMs }) };
}

function hintFor(reason: RefusalReason, { header, secretOption, holds, toleranceSeconds = 0 }: Hinted): string {
  switch (reason) {
    case "signature_missing":
      return `set the secret of \`${secretOption}\` at the sender too: it sent no ${header}`;
    case "timestamp_stale":
      return `synchronise both clocks: the signed time is more than ${toleranceSeconds} s off`;
    default:
      return `set \`${secretOption}\` to ${holds}`;
  }
}
