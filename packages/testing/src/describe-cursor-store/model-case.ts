import { expect } from "vitest";
import type { AcquireRequest, Lease } from "@statewave-connectors/connector-sdk/store";
import { ContractModel } from "./contract-model.ts";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreHarness } from "./store-harness.ts";
import { itemAt } from "../required.ts";

const steps = 400;
const names = ["a", "a-b", "a_b"];

/** Thousands of sequences that no case lists: random calls, each compared with the contract's arithmetic. */
export const modelCase: CursorStoreCase = {
  title: "does what the contract says through a few hundred random calls",
  async run(harness) {
    const walk = new RandomWalk(harness);
    for (let step = 0; step < steps; step += 1) await walk.step();
  },
};

class RandomWalk {
  readonly #harness: StoreHarness;
  readonly #model = new ContractModel();
  /** Every lease ever granted: the stale ones are the interesting ones. */
  readonly #leases: Lease[] = [];
  readonly #trail: string[] = [];
  #usedShort = false;

  constructor(harness: StoreHarness) {
    this.#harness = harness;
  }

  async step(): Promise<void> {
    const actions = [
      () => this.#acquire(),
      () => this.#acquire(),
      () => this.#acquire(),
      () => this.#checkpoint(),
      () => this.#release(),
      () => this.#release(),
      () => this.#renew(),
      () => this.#write(),
      () => this.#pass(),
      () => this.#pass(),
      () => (this.#harness.random() < 0.2 ? this.#reopen() : this.#acquire()),
    ];
    try {
      await this.#pick(actions)();
      await this.#compareStates();
    } catch (error) {
      throw new Error(
        `After ${this.#trail.length} calls, the last of them:\n${this.#trail.slice(-6).join("\n")}\n${String(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  async #acquire(): Promise<void> {
    const chosen = names.filter(() => this.#harness.random() < 0.5);
    const requests = chosen.map((name): AcquireRequest => {
      const claim = { source: { kind: "k", name }, owner: this.#pick(["one", "two"]), ttlMs: this.#duration() };
      return this.#harness.random() < 0.25 ? claim : Object.assign(claim, { dueMs: this.#due() });
    });
    const limit = this.#pick([undefined, { atMost: 0 }, { atMost: 1 }, { atMost: 2 }]);
    const nowMs = this.#harness.time.now();
    const expected = this.#model.answers(requests, nowMs, limit?.atMost);
    this.#note("acquire", { requests, limit }, expected);
    const answers = await this.#harness.store.acquire(requests, limit);
    expect(answers.map((answer) => (answer.granted ? "granted" : answer.reason))).toEqual(expected);
    for (const [index, answer] of answers.entries()) {
      if (!answer.granted) continue;
      const { epoch, ...rest } = answer.lease;
      expect(epoch).toBeGreaterThan(this.#model.source(answer.lease.source.name).usedEpoch);
      expect(rest).toEqual(this.#model.grant(itemAt(requests, index), epoch, nowMs));
      this.#leases.push(answer.lease);
    }
    await this.#outlastShort();
  }

  async #checkpoint(): Promise<void> {
    const lease = this.#lease();
    if (lease === undefined) return;
    const cursor = `cursor-${this.#trail.length}`;
    const expected = this.#model.checkpoint(lease, cursor);
    this.#note("checkpoint", lease, expected);
    expect(await this.#harness.store.checkpoint(lease, cursor)).toBe(expected);
  }

  async #release(): Promise<void> {
    const lease = this.#lease();
    if (lease === undefined) return;
    const outcome = this.#pick([
      { type: "done" } as const,
      { type: "unfinished", resumeInMs: 0 } as const,
      { type: "unfinished", resumeInMs: this.#duration() } as const,
    ]);
    const expected = this.#model.release(lease, outcome, this.#harness.time.now());
    this.#note("release", { lease, outcome }, expected);
    expect(await this.#harness.store.release(lease, outcome)).toBe(expected);
    await this.#outlastShort();
  }

  async #renew(): Promise<void> {
    const leases = [this.#lease(), this.#lease()].filter((lease) => lease !== undefined);
    const ttlMs = this.#duration();
    const expected = leases.map((lease) => this.#model.renew(lease, ttlMs, this.#harness.time.now()));
    this.#note("renew", { leases, ttlMs }, expected);
    expect(await this.#harness.store.renew(leases, ttlMs)).toEqual(expected);
    await this.#outlastShort();
  }

  async #write(): Promise<void> {
    const source = { kind: "k", name: this.#pick(names) };
    const cursor = this.#pick([undefined, "by hand"]);
    const had = this.#model.write(source.name, cursor);
    this.#note(cursor === undefined ? "delete" : "set", source, had);
    if (cursor === undefined) expect(await this.#harness.store.delete(source)).toBe(had);
    else await this.#harness.store.set(source, cursor);
    expect(await this.#harness.store.get(source)).toBe(cursor);
  }

  async #pass(): Promise<void> {
    const { time } = this.#harness;
    const durationMs = time.uncertaintyMs === 0 ? this.#pick([1, time.shortMs - 1, time.shortMs, 6_000]) : 0;
    this.#note("pass", durationMs, undefined);
    if (durationMs > 0) await time.pass(durationMs);
  }

  async #reopen(): Promise<void> {
    const { persistent, shared } = this.#harness.capabilities;
    this.#note("reopen", undefined, undefined);
    this.#model.reopen(persistent, persistent && shared);
    // A store that forgets may count its epochs from the start again, so an old lease could look like a new one.
    if (!persistent) this.#leases.length = 0;
    await this.#harness.reopen();
  }

  async #compareStates(): Promise<void> {
    const listed = await this.#harness.store.list();
    const expected = this.#model.states(this.#harness.time.now());
    expect(listed.map(({ source }) => source.name)).toEqual(expected.map(({ name }) => name));
    for (const [index, { cursor, updatedAtMs, finishedDueMs, openDueMs, resumeInMs, lease }] of listed.entries()) {
      const { name: _name, resumeInMs: waitMs, lapsesInMs: leaseMs, ...exact } = itemAt(expected, index);
      expect({ cursor, finishedDueMs, openDueMs, owner: lease?.owner }).toEqual(exact);
      expect(updatedAtMs === undefined).toBe(cursor === undefined);
      if (waitMs === undefined) expect(resumeInMs).toBeUndefined();
      else this.#harness.expectRemaining(resumeInMs, waitMs);
      if (leaseMs !== undefined) this.#harness.expectRemaining(lease?.lapsesInMs, leaseMs);
    }
  }

  /** Where time cannot be set exactly, a short time is over before the next call: no answer depends on a millisecond. */
  async #outlastShort(): Promise<void> {
    if (this.#harness.time.uncertaintyMs > 0 && this.#usedShort) await this.#harness.time.pass(this.#harness.time.shortMs);
    this.#usedShort = false;
  }

  #duration(): number {
    const { shortMs, longMs, uncertaintyMs } = this.#harness.time;
    // Waiting costs real time on a server's clock: seldom there.
    const short = this.#harness.random() < (uncertaintyMs === 0 ? 0.6 : 0.05);
    this.#usedShort ||= short;
    return short ? shortMs : longMs;
  }

  /** A minute apart; one in ten is too far ahead. */
  #due(): number {
    const nth = Math.floor(this.#harness.random() * 20);
    return nth < 18 ? this.#harness.due(nth) : this.#harness.time.now() + 30 * 60_000;
  }

  /** Mostly one of the latest, else any. */
  #lease(): Lease | undefined {
    return this.#pick(this.#harness.random() < 0.8 ? this.#leases.slice(-4) : this.#leases);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#harness.random() * items.length)]!;
  }

  #note(call: string, what: unknown, expected: unknown): void {
    this.#trail.push(`${call} ${JSON.stringify(what)} -> ${JSON.stringify(expected)}`);
  }
}
