import type { CheckResult, Clock, Logger, SourceHealth, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { concernsSource, type Trouble, troubleOf } from "./trouble.ts";

/** How an entry fares. `unknown`: nothing was heard of its source since this process started. */
export type EntryState =
  | { readonly status: "unknown" }
  | { readonly status: "ok" }
  | ({ readonly status: "unhealthy"; readonly sinceMs: number } & Trouble);

/** What reported a trouble. Its own success, or a better witness's, takes it back. */
type Witness = "connector" | "webhooks" | "run" | "watch" | "wait" | "check";

/** What the provider itself said counts for more than what we noticed, and a run for more than a check. */
const witnesses: readonly Witness[] = ["connector", "webhooks", "run", "watch", "wait", "check"];

export interface EntryHealthOptions {
  readonly direction: "pull" | "push";
  readonly source: SourceKey;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Masks configured secrets and cuts what is too long. */
  readonly clean: (text: string) => string;
  /** Called when the source is well again after a trouble. */
  readonly onRecovery: () => void;
}

/** What this process knows of one entry's source. A change is logged once, however often it is reported. */
export class EntryHealth {
  readonly direction: "pull" | "push";
  readonly source: SourceKey;
  readonly #options: EntryHealthOptions;
  readonly #troubles = new Map<Witness, Trouble>();
  /** Failures in a row. */
  readonly #failures = new Map<Witness, number>();
  #state: EntryState = { status: "unknown" };
  #hasRun = false;
  #noticedAtMs = 0;
  #arrivedAtMs: number | undefined;
  #scheduledAtMs: number | undefined;

  constructor(options: EntryHealthOptions) {
    this.#options = options;
    this.direction = options.direction;
    this.source = options.source;
  }

  get state(): EntryState {
    return this.#state;
  }

  /** Whether a run has shown the state of the source, so that no check is needed. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  /** The connector's word. */
  reported(health: SourceHealth): void {
    this.#record("connector", health.ok ? undefined : health);
  }

  /** Something verified arrived: the source is there, whatever else may be wrong. */
  arrived(): void {
    this.#arrivedAtMs = this.#options.clock.now();
    if (this.#troubles.has("webhooks")) this.#record("webhooks", undefined);
    else if (this.#state.status === "unknown") this.#settle();
  }

  /** When something verified arrived last, epoch milliseconds. */
  get arrivedAtMs(): number | undefined {
    return this.#arrivedAtMs;
  }

  /** Its schedule begins anew: what was due before is not run, or made up for by one run. */
  scheduled(): void {
    this.#scheduledAtMs = this.#options.clock.now();
  }

  /** When its schedule last began anew, epoch milliseconds. */
  get scheduledAtMs(): number | undefined {
    return this.#scheduledAtMs;
  }

  /** What seems to come from the source is refused, over and over. */
  webhooksRefused(trouble: Trouble): void {
    this.#record("webhooks", trouble);
  }

  runSucceeded(): void {
    this.#hasRun = true;
    this.#failures.clear();
    this.#troubles.delete("check");
    this.#record("run", undefined);
  }

  runFailed(error: unknown): void {
    if (!concernsSource(error)) return;
    this.#hasRun = true;
    this.#failed("run", error);
  }

  /** What is wrong with what the provider keeps for the source; undefined: nothing. */
  watchTroubled(trouble: Trouble | undefined): void {
    if (trouble !== undefined || this.#troubles.has("watch")) this.#record("watch", trouble);
  }

  /** A wait for news failed, the `failures`-th in a row. */
  waitFailed(error: unknown, failures: number): void {
    if (!concernsSource(error)) return;
    const trouble = troubleOf(error, failures);
    if (trouble !== undefined) this.#record("wait", trouble);
  }

  /** A wait for news lasts, so it works. */
  waitHolds(): void {
    if (this.#troubles.has("wait")) this.#record("wait", undefined);
  }

  /** What a check found; returns whether all was well. */
  checked(results: readonly CheckResult[]): boolean {
    const failed = results.filter(({ ok }) => !ok);
    if (failed.length === 0) {
      this.#failures.delete("check");
      if (results.length > 0) this.#record("check", undefined);
      return true;
    }
    const lasting = failed.find(({ error }) => error === undefined || (!error.retryable && concernsSource(error)));
    const { error, message } = lasting ?? failed[0]!;
    if (error === undefined)
      this.#record("check", { code: "RUNNER_CHECK_FAILED", message, hint: "run `doctor` to see all that it finds" });
    else if (concernsSource(error)) this.#failed("check", error);
    return false;
  }

  /** Another process finished a run that was due at `dueMs`, after whatever went wrong here. */
  finishedElsewhere(dueMs: number): void {
    if (dueMs > this.#noticedAtMs && (this.#troubles.has("run") || this.#troubles.has("check"))) this.runSucceeded();
  }

  #failed(witness: Witness, error: unknown): void {
    const failures = (this.#failures.get(witness) ?? 0) + 1;
    this.#failures.set(witness, failures);
    const trouble = troubleOf(error, failures);
    if (trouble !== undefined) this.#record(witness, trouble);
  }

  #record(witness: Witness, trouble: Trouble | undefined): void {
    if (trouble === undefined) this.#troubles.delete(witness);
    else {
      this.#troubles.set(witness, trouble);
      this.#noticedAtMs = this.#options.clock.now();
    }
    this.#settle();
  }

  /** Makes the state from what was reported, and logs what has changed. */
  #settle(): void {
    const { clock, logger, clean, onRecovery } = this.#options;
    const before = this.#state;
    const witness = witnesses.find((one) => this.#troubles.has(one));
    const trouble = witness === undefined ? undefined : this.#troubles.get(witness);
    const where = { direction: this.direction, source: formatSourceKey(this.source) };
    if (trouble === undefined) {
      this.#state = { status: "ok" };
      if (before.status !== "unhealthy") return;
      logger.info("a source is healthy again", { ...where, after_ms: clock.now() - before.sinceMs });
      onRecovery();
      return;
    }
    const [code, message] = [clean(trouble.code), clean(trouble.message)];
    const hint = trouble.hint === undefined ? {} : { hint: clean(trouble.hint) };
    const sinceMs = before.status === "unhealthy" ? before.sinceMs : clock.now();
    this.#state = { status: "unhealthy", sinceMs, code, message, ...hint };
    if (before.status === "unhealthy" && before.code === code) return;
    logger.warn("a source is unhealthy", { ...where, code, reason: message, ...hint });
  }
}
