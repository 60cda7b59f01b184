import { createHash } from "node:crypto";

/** So many fingerprints are compared at once; a longer circle is noticed when it comes round to the anchor. */
const mostRemembered = 1_000;

/**
 * Notices that a sequence has come round to where it was, in bounded memory: at once in a circle of up to 1,000 steps, and after at most
 * three rounds in any longer one (Brent's algorithm keeps one anchor, which moves to the steps 1, 2, 4, 8, …).
 */
export class RepeatWatch {
  readonly #recent = new Set<string>();
  #anchor: string | undefined;
  #steps = 0;
  #anchorAt = 1;

  /** Whether `step` came before. */
  isRepeat(step: string): boolean {
    const fingerprint = createHash("sha256").update(step).digest("base64url");
    const isKnown = this.#recent.has(fingerprint) || fingerprint === this.#anchor;
    this.#steps += 1;
    if (this.#steps === this.#anchorAt) {
      this.#anchor = fingerprint;
      this.#anchorAt *= 2;
    }
    this.#recent.add(fingerprint);
    const oldest = this.#recent.size > mostRemembered ? this.#recent.values().next().value : undefined;
    if (oldest !== undefined) this.#recent.delete(oldest);
    return isKnown;
  }
}
