import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { Ledger } from "./ledger.ts";
import { remoteStore } from "./remote-store.ts";
import { SimulatedProcess, type SimulatedServer } from "./simulated-process.ts";
import { hook, type StartedRunner, startRunner } from "./start-runner.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The same for the same sequence of events. */
  readonly fingerprint: number;
  readonly events: number;
  readonly counts: Ledger["counts"] & { readonly acknowledged: number; readonly kills: number; readonly stops: number };
}

const secondMs = 1_000;
const faultsForMs = 6 * 60 * secondMs;
/** Longer than a lease and the longest back-off of the sink together. */
const calmForMs = 4 * 60 * secondMs;
const sources = ["a", "b", "c", "d", "e"];
const places = 3;
/** Within what a store accepts as the same moment. */
const longestSkewMs = 2_000;

/** Runs the shipped scheduler, leases, inbox and cursors of three processes on one store through faults that `seed` decides. */
export async function runSimulation(seed: number): Promise<SimulationResult> {
  const simulation = new Simulation(seed);
  return simulation.run();
}

class Simulation {
  readonly #seed: number;
  readonly #random: () => number;
  readonly #time: VirtualTime;
  readonly #ledger = new Ledger();
  readonly #storeServer: SimulatedServer;
  readonly #sinkServer: SimulatedServer;
  readonly #store: InMemoryPullCursorStore;
  readonly #places: Place[];
  readonly #runners: StartedRunner[] = [];
  #faultsEndAtMs = 0;
  #webhooks = 0;
  #kills = 0;
  #stops = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#time = new VirtualTime(seededRandom(seed ^ 0x5eed));
    this.#storeServer = this.#server("STORE_UNAVAILABLE");
    this.#sinkServer = this.#server("SIM_SINK_SILENT");
    const clock = this.#serverClock();
    this.#store = new InMemoryPullCursorStore({ clock });
    this.#places = Array.from({ length: places }, () => ({ inbox: new InMemoryInbox({ clock }), tenant: undefined, starts: 0 }));
  }

  async run(): Promise<SimulationResult> {
    const { nowMs: startMs } = this.#time;
    this.#faultsEndAtMs = startMs + faultsForMs;
    for (const place of this.#places) this.#start(place);
    this.#sendWebhook();
    this.#disturb();
    const endMs = this.#faultsEndAtMs + calmForMs;
    await this.#time.passUntil(endMs, () => this.#ledger.violations.length > 0);
    if (this.#ledger.violations.length === 0) {
      const depths = await Promise.all(this.#places.map(async ({ inbox }) => (await inbox.stats()).depth));
      const waiting = depths.reduce((sum, depth) => sum + depth, 0);
      this.#ledger.ended(sources, this.#faultsEndAtMs + calmForMs / 2, waiting);
    }
    const { fingerprint, events } = this.#time;
    const { counts, acknowledged } = this.#ledger;
    const violations = [...this.#ledger.violations];
    for (const runner of this.#runners) void runner.abort();
    const own = { acknowledged: acknowledged.size, kills: this.#kills, stops: this.#stops };
    return { seed: this.#seed, violations, fingerprint, events, counts: { ...counts, ...own } };
  }

  get #isCalm(): boolean {
    return this.#time.nowMs >= this.#faultsEndAtMs;
  }

  #start(place: Place): void {
    place.starts += 1;
    const name = `process ${this.#places.indexOf(place) + 1}.${place.starts}`;
    const process = new SimulatedProcess(this.#time, (this.#random() * 2 - 1) * longestSkewMs);
    const epochs = new Map<string, number>();
    const nowMs = () => this.#time.nowMs;
    const store = remoteStore({
      process,
      server: this.#storeServer,
      store: this.#store,
      ledger: this.#ledger,
      nowMs,
      onLease: (source, epoch) => epochs.set(source, epoch),
    });
    const runner = startRunner({
      name,
      process,
      store,
      inbox: this.#inboxOf(place, process),
      send: (keys) =>
        process.call(this.#sinkServer, async () => {
          for (const key of keys) this.#ledger.stored.add(key);
        }),
      ledger: this.#ledger,
      nowMs,
      random: seededRandom(this.#random() * 2 ** 32),
      sources,
      epochOf: (source) => epochs.get(source) ?? 0,
    });
    this.#runners.push(runner);
    place.tenant = { process, stop: runner.stop };
  }

  /** The inbox of a disk: it outlives its process, whose claims come back when the next one opens it. */
  #inboxOf({ inbox }: Place, process: SimulatedProcess): Inbox {
    return Object.assign(Object.create(inbox) as Inbox, {
      consume: ((handler, options) =>
        inbox.consume(async (claimed) => {
          const settlement = await handler(claimed);
          // Of a process that is no more nothing is settled.
          if (!process.isRunning) await new Promise(() => undefined);
          const { item } = claimed;
          if (settlement.type === "done" && item.type === "event") this.#ledger.settledDone(new TextDecoder().decode(item.body));
          return settlement;
        }, options)) satisfies Inbox["consume"],
    });
  }

  #kill(place: Place): void {
    const { tenant } = place;
    if (tenant === undefined) return;
    this.#kills += 1;
    place.tenant = undefined;
    tenant.process.kill();
    void tenant.stop();
    this.#time.after(this.#random() * 20 * secondMs, () => this.#start(place));
  }

  #stop({ tenant }: Place): void {
    if (tenant?.process.isRunning !== true) return;
    this.#stops += 1;
    tenant.process.stop();
    this.#time.after(this.#random() * 60 * secondMs, () => tenant.process.continue());
  }

  #outage(server: SimulatedServer): void {
    server.isDown = true;
    this.#time.after(this.#random() * 45 * secondMs, () => (server.isDown = false));
  }

  #disturb(): void {
    this.#time.after(this.#random() * 16 * secondMs, () => {
      if (this.#isCalm) return;
      const place = this.#places[Math.floor(this.#random() * places)];
      const act = this.#random();
      if (place !== undefined && act < 0.35) this.#kill(place);
      else if (place !== undefined && act < 0.65) this.#stop(place);
      else this.#outage(act < 0.85 ? this.#storeServer : this.#sinkServer);
      this.#disturb();
    });
  }

  #sendWebhook(): void {
    this.#time.after(this.#random() * 2 * secondMs, () => {
      if (this.#isCalm) return;
      const place = this.#places[Math.floor(this.#random() * places)];
      if (place?.tenant?.process.isRunning === true) {
        this.#webhooks += 1;
        const key = `webhook ${this.#webhooks}`;
        const item = { type: "event", source: hook, id: key, headers: {}, body: Buffer.from(key), receivedAtMs: 0 } as const;
        void place.inbox.accept(item).then(() => this.#ledger.acknowledged.add(key));
      }
      this.#sendWebhook();
    });
  }

  #server(code: string): SimulatedServer {
    const random = this.#random;
    return {
      isDown: false,
      // Most messages are quick; a few overtake, or are overtaken by, what was sent seconds apart.
      delayMs: () => (random() < 0.05 && !this.#isCalm ? random() * 4 * secondMs : random() * 40),
      loss: () => (this.#isCalm || random() > 0.04 ? "none" : random() < 0.5 ? "request" : "answer"),
      unanswered: () => new ConnectorsError({ code, message: "no answer came in time", retryable: true }),
    };
  }

  #serverClock() {
    const time = this.#time;
    return {
      now: () => time.nowMs,
      elapsed: () => time.nowMs,
      after: (delayMs: number, callback: () => void) => time.after(delayMs, callback),
    };
  }
}

/** A machine: its disk stays, processes come and go. */
interface Place {
  readonly inbox: InMemoryInbox;
  tenant: { readonly process: SimulatedProcess; readonly stop: () => Promise<void> } | undefined;
  starts: number;
}
