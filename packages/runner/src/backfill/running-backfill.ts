import type { Clock } from "@statewave-connectors/connector-sdk";
import type { BackfillRequest } from "./backfill-request.ts";
import type { BackfillView } from "./backfill-view.ts";
import type { HeldBackfill } from "./held-backfill.ts";
import { ProgressReports } from "./progress-reports.ts";

export type OnBackfillProgress = (view: BackfillView) => void;

type Wishes = Partial<Pick<BackfillRequest, "perSecond" | "expected">>;

/** A backfill that this process runs, with those that follow it. */
export class RunningBackfill {
  readonly reports: ProgressReports<BackfillView>;
  readonly ended: Promise<BackfillView>;
  readonly #listeners = new Set<OnBackfillProgress>();
  #held: HeldBackfill | undefined;
  /** Of a request that came before the backfill was claimed. */
  #wishes: Wishes = {};

  constructor(clock: Clock, run: (running: RunningBackfill) => Promise<BackfillView>) {
    this.reports = new ProgressReports<BackfillView>(clock, (view) => {
      for (const listener of this.#listeners) listener(view);
    });
    this.ended = run(this);
    // Those that wait for it get its error; without one it is in the record and the log.
    this.ended.catch(() => undefined);
  }

  follow(listener: OnBackfillProgress): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** It is claimed. */
  async hold(held: HeldBackfill): Promise<void> {
    this.#held = held;
    await this.adjust(this.#wishes);
  }

  /** Another request for it, which may want another rate. */
  async adjust({ perSecond, expected }: Wishes): Promise<void> {
    const wishes = { ...(perSecond === undefined ? {} : { perSecond }), ...(expected === undefined ? {} : { expected }) };
    if (Object.keys(wishes).length === 0) return;
    if (this.#held === undefined) this.#wishes = { ...this.#wishes, ...wishes };
    else await this.#held.save(wishes);
  }
}
