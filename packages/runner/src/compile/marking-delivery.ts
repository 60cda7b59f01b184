import { canonicalSubject, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import type { DeliveryStats } from "../delivery/delivery-options.ts";
import type { DeliverReport, DeliverRequest } from "../delivery/delivery-request.ts";
import type { DeliveryState } from "../delivery/sink-health.ts";
import type { TouchedSubjects } from "./touched-subjects.ts";

/**
 * A delivery that resolves once it is also recorded which subjects have something to compile: a caller that waits for it moves a cursor or
 * settles an event only then.
 */
export class MarkingDelivery implements Delivery {
  readonly #delivery: Delivery;
  readonly #touched: Pick<TouchedSubjects, "mark">;

  constructor(delivery: Delivery, touched: Pick<TouchedSubjects, "mark">) {
    this.#delivery = delivery;
    this.#touched = touched;
  }

  /** Rejects also with what the store throws: the episodes come again, and their keys make that harmless. */
  async deliver(request: DeliverRequest): Promise<DeliverReport> {
    const subjects = subjectsOf(request);
    // Written while the episodes are on their way, it takes no time of its own. What fails here fails again below.
    this.#touched.mark(subjects).catch(() => undefined);
    const report = await this.#delivery.deliver(request);
    if (report.delivered > 0) await this.#touched.mark(subjects);
    return report;
  }

  get state(): DeliveryState {
    return this.#delivery.state;
  }

  get nextAttemptAtMs(): number | undefined {
    return this.#delivery.nextAttemptAtMs;
  }

  onStateChange(listener: (state: DeliveryState) => void): () => void {
    return this.#delivery.onStateChange(listener);
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return this.#delivery.whenUp(signal);
  }

  tryNow(): void {
    this.#delivery.tryNow();
  }

  pausedUntilMs(source: SourceKey): number | undefined {
    return this.#delivery.pausedUntilMs(source);
  }

  stats(): DeliveryStats {
    return this.#delivery.stats();
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#delivery.close(signal);
  }
}

/** As Statewave knows them. Connectors of others may be plain JavaScript, and an episode without a subject is never sent. */
function subjectsOf({ episodes }: DeliverRequest): readonly string[] {
  const given = new Set(episodes.map((episode: Partial<DeliverRequest["episodes"][number]> | null): unknown => episode?.subject));
  return [...given].flatMap((subject) => (typeof subject === "string" && subject !== "" ? canonicalSubject(subject) : []));
}
