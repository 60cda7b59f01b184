import { createHash } from "node:crypto";

/** How many steps are remembered. A longer circle is noticed by the anchor. */
const mostRemembered = 1_000;

/**
 * Notices in bounded memory that a sequence repeats: at the first repeated step in a circle of up to 1,000 steps, and within three rounds
 * in a longer one. Brent's algorithm compares each step with one anchor, which moves to the steps 1, 2, 4, 8, ….
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
