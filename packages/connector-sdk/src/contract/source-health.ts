/**
 * Whether a source can be read as configured. `ok: false` until a person fixes it or it recovers: a stable code, one sentence and
 * what to do about it. It is shown to everyone who may request `/readyz`, so it never holds a secret.
 */
export type SourceHealth =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly hint: string };

/** Reports the health of a source as its connector knows it. The same report again costs nothing and is not logged twice. */
export type ReportHealth = (health: SourceHealth) => void;

/** What is wrong with one part of a source. */
export interface LostPart {
  readonly health: Extract<SourceHealth, { ok: false }>;
  /** Epoch milliseconds. A sign of life from before proves nothing: it was under way when the part was lost. */
  readonly untilMs: number;
}

/** Senders are verified first, so only a source with very many parts reaches it. */
const maxLostParts = 1_000;

/**
 * The health of a source that consists of parts, such as the workspaces an app is installed in: it is unhealthy while one of them is. The
 * latest loss is reported. Made for the path of every event: a sign of life costs nothing while nothing is lost.
 */
export class HealthOfParts {
  readonly #report: ReportHealth;
  readonly #lost = new Map<string, LostPart>();

  constructor(report: ReportHealth) {
    this.#report = report;
  }

  lose(part: string, lost: LostPart): void {
    this.#lost.delete(part);
    if (this.#lost.size >= maxLostParts) return;
    this.#lost.set(part, lost);
    this.#report(lost.health);
  }

  /** Something came from `part` that was made at `atMs`, epoch milliseconds. */
  signOfLife(part: string, atMs: number): void {
    const lost = this.#lost.get(part);
    if (lost !== undefined && atMs > lost.untilMs) this.recover(part);
  }

  /** `part` is said to be well again. */
  recover(part: string): void {
    if (!this.#lost.delete(part)) return;
    const latest = [...this.#lost.values()].at(-1);
    this.#report(latest === undefined ? { ok: true } : latest.health);
  }

  /** Whether nothing is lost, so that a sign of life need not even be looked at. */
  get isWhole(): boolean {
    return this.#lost.size === 0;
  }
}
