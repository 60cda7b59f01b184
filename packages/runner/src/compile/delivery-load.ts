import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import { steadyNow } from "../steady-now.ts";

/** So many episodes a second keep a server busy enough to be left alone. */
const busyPerSecond = 20;
const measuredOverMs = 1_000;
/** So many subjects that all processes touched lately, likewise. */
const busyLately = 100;
const latelyCountsMs = 5_000;

/** How much is being delivered: by this process, and as far as the touched subjects show it by the others. */
export class DeliveryLoad {
  readonly #stats: Delivery["stats"];
  readonly #clock: Clock;
  #sample: { readonly atMs: number; readonly accepted: number };
  #isFast = false;
  #manyTouchedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ stats, clock }: { readonly stats: Delivery["stats"]; readonly clock: Clock }) {
    this.#stats = stats;
    this.#clock = clock;
    this.#sample = { atMs: steadyNow(clock), accepted: stats().acceptedEpisodes };
  }

  /** Notes how many subjects all processes have touched lately. */
  touchedLately(subjects: number): void {
    if (subjects >= busyLately) this.#manyTouchedAtMs = steadyNow(this.#clock);
  }

  get isBusy(): boolean {
    const { inFlightRequests, queuedEpisodes, acceptedEpisodes } = this.#stats();
    const atMs = steadyNow(this.#clock);
    const elapsedMs = atMs - this.#sample.atMs;
    if (elapsedMs >= measuredOverMs) {
      this.#isFast = (acceptedEpisodes - this.#sample.accepted) * 1_000 >= busyPerSecond * elapsedMs;
      this.#sample = { atMs, accepted: acceptedEpisodes };
    }
    const othersDeliver = atMs - this.#manyTouchedAtMs < latelyCountsMs;
    return this.#isFast || inFlightRequests > 0 || queuedEpisodes > 0 || othersDeliver;
  }
}
