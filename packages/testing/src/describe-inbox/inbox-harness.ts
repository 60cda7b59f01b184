import { setImmediate as nextTurn, setTimeout as realDelay } from "node:timers/promises";
import type { Clock } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import {
  type ClaimedItem,
  type ConsumeOptions,
  defaultInboxLimits,
  type Inbox,
  type InboxConsumer,
  type InboxLimits,
  type Settlement,
} from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "../fake-clock.ts";
import type { InboxSubject } from "./inbox-subject.ts";
import { itemAt } from "../required.ts";

/** A claimed item in the hands of a case, which decides when and how it is settled. */
export interface HeldItem extends ClaimedItem {
  /** Settles it, and waits until the inbox has stored that and what follows from it. */
  settle(settlement: Settlement): Promise<void>;
  /** Settles it, and waits no longer than until the inbox has stored that. */
  decide(settlement: Settlement): Promise<void>;
  /** Lets its handler throw. */
  fail(error: Error): Promise<void>;
}

export interface HarnessOptions {
  /** How long something that must happen may take before the case has failed. */
  readonly patienceMs?: number;
}

/** What the cases of the suite act in: one store, its clock, and ways to wait for what must or must not happen. */
export class InboxHarness {
  readonly clock: Clock;
  readonly subject: InboxSubject;
  readonly #fakeClock: FakeClock | undefined;
  readonly #storeName: string;
  readonly #patienceMs: number;
  readonly #opened: Inbox[] = [];

  constructor(subject: InboxSubject, storeName: string, { patienceMs = 10_000 }: HarnessOptions = {}) {
    this.subject = subject;
    this.#storeName = storeName;
    this.#patienceMs = patienceMs;
    this.#fakeClock = subject.capabilities.clock === "injected" ? new FakeClock() : undefined;
    this.clock = this.#fakeClock ?? systemClock;
  }

  /** The step of this harness's time: a minute of a fake clock, a short while of a real one. */
  get unitMs(): number {
    return this.#fakeClock === undefined ? (this.subject.capabilities.unitMs ?? 1_000) : 60_000;
  }

  /** Opens the store of this case, the same one every time. */
  async open(limits: Partial<InboxLimits> = {}): Promise<Inbox> {
    const setting = { storeName: this.#storeName, limits: { ...defaultInboxLimits, ...limits }, clock: this.clock };
    const inbox = await this.subject.open(setting);
    this.#opened.push(inbox);
    return inbox;
  }

  /** Lets time pass. */
  async pass(durationMs: number): Promise<void> {
    if (this.#fakeClock === undefined) await realDelay(durationMs);
    else await this.#fakeClock.advance(durationMs);
  }

  /** Until whatever was set going has come to rest. */
  async rest(inbox: Inbox): Promise<void> {
    if (this.#fakeClock === undefined) await realDelay(this.unitMs / 2);
    await this.stored(inbox);
  }

  /** Until what was settled so far is stored: the figures that are requested after it include it. */
  async stored(inbox: Inbox): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await inbox.stats();
      await nextTurn();
    }
  }

  /** The promise, or a failure when it takes too long. */
  async within<Value>(promise: Promise<Value>, what: () => string): Promise<Value> {
    const late = new AbortController();
    const tooLate = realDelay(this.#patienceMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`waited ${this.#patienceMs} ms in vain for ${what()}`);
    });
    tooLate.catch(() => undefined);
    try {
      return await Promise.race([promise, tooLate]);
    } finally {
      late.abort();
    }
  }

  consume(inbox: Inbox, options: ConsumeOptions = {}): HoldingConsumer {
    return new HoldingConsumer(this, inbox, options);
  }

  async closeAll(): Promise<void> {
    for (const inbox of this.#opened) await inbox.close().catch(() => undefined);
  }
}

/** A consumer whose handler holds every item until the case settles it. */
export class HoldingConsumer {
  readonly consumer: InboxConsumer;
  /** Claimed and neither settled nor lost, in the order of the claims. */
  readonly held: HeldItem[] = [];
  readonly #harness: InboxHarness;
  readonly #inbox: Inbox;
  #claimedCount = 0;
  #onClaim: () => void = () => undefined;

  constructor(harness: InboxHarness, inbox: Inbox, options: ConsumeOptions) {
    this.#harness = harness;
    this.#inbox = inbox;
    this.consumer = inbox.consume((claimed) => this.#hold(claimed), options);
  }

  /** How often an item was handed out. */
  get claimedCount(): number {
    return this.#claimedCount;
  }

  /** Waits until `count` items are held, and answers them. */
  async holding(count: number): Promise<readonly HeldItem[]> {
    const reached = async () => {
      while (this.held.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#onClaim = resolve;
        await promise;
      }
    };
    await this.#harness.within(reached(), () => `${count} claimed items; ${this.held.length} came`);
    return this.held.slice(0, count);
  }

  /** Waits until items were handed out `count` times, and that they are not handed out more often. */
  async claimedExactly(count: number): Promise<void> {
    const reached = async () => {
      while (this.#claimedCount < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#onClaim = resolve;
        await promise;
      }
    };
    await this.#harness.within(reached(), () => `${count} claims in all; ${this.#claimedCount} came`);
    await this.rest();
    if (this.#claimedCount > count) throw new Error(`${this.#claimedCount} claims, not ${count}`);
  }

  /** The one item that is held, waited for. */
  async one(): Promise<HeldItem> {
    return itemAt(await this.holding(1), 0);
  }

  /** Waits until nothing more is claimed of itself. */
  async rest(): Promise<readonly HeldItem[]> {
    await this.#harness.rest(this.#inbox);
    return this.held;
  }

  /** Stops and gives back whatever is held. */
  async stopHard(): Promise<void> {
    await this.#harness.within(this.consumer.stop(AbortSignal.abort()), () => "the consumer to stop");
  }

  #hold(claimed: ClaimedItem): Promise<Settlement> {
    const { promise, resolve, reject } = Promise.withResolvers<Settlement>();
    const letGo = () => {
      const index = this.held.indexOf(claim);
      if (index !== -1) this.held.splice(index, 1);
    };
    const claim: HeldItem = {
      ...claimed,
      settle: async (settlement) => {
        await claim.decide(settlement);
        await this.#harness.rest(this.#inbox);
      },
      decide: (settlement) => {
        letGo();
        resolve(settlement);
        return this.#harness.stored(this.#inbox);
      },
      fail: (error) => {
        letGo();
        reject(error);
        return this.#harness.rest(this.#inbox);
      },
    };
    claimed.signal.addEventListener("abort", letGo, { once: true });
    this.held.push(claim);
    this.#claimedCount += 1;
    this.#onClaim();
    return promise;
  }
}
