import { describeError, type Inbox } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "./delivery/delivery.ts";
import type { Engine } from "./engine.ts";
import type { HealthPart, HealthReport } from "./http/health.ts";

/**
 * What `/readyz` tells. A probe is answered from what was last seen, never by waiting for a store: asking starts a fresh look at the
 * inbox, whose result the next probe shows.
 */
export class RunnerHealth {
  readonly #engine: Engine;
  #inbox: HealthPart;
  #looking = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#inbox = { status: "ok", detail: `a 2xx means ${engine.inbox.durability}` };
  }

  report(ready: boolean): HealthReport {
    const { store, inbox, delivery, entries, scheduler } = this.#engine;
    void this.#look(inbox);
    return {
      ready: ready && this.#inbox.status !== "down",
      store: { status: "ok", detail: `cursors are ${store.durability}; ${scheduler.armed} schedules armed` },
      inbox: this.#inbox,
      sink: describeSink(this.#engine.sink.description, delivery),
      receivers: { status: "ok", detail: `${entries.pushes.length} mounted` },
    };
  }

  async #look(inbox: Inbox): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { depth } = await inbox.stats();
      this.#inbox = { status: "ok", detail: `a 2xx means ${inbox.durability}; ${depth} waiting` };
    } catch (error) {
      this.#inbox = { status: "down", detail: describeError(error) };
    } finally {
      this.#looking = false;
    }
  }
}

function describeSink(description: string, delivery: Pick<Delivery, "state">): HealthPart {
  const { status, reason, hint } = delivery.state;
  if (status === "up") return { status: "ok", detail: description };
  const detail = [`${description} is ${status}`, reason, hint].filter((part) => part !== undefined).join(": ");
  return { status: "degraded", detail };
}
