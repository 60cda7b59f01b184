import { expect } from "vitest";
import type { RecordWriteResult } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreHarness } from "./store-harness.ts";

const steps = 200;
const scopes = ["a", "a/b"];
const keys = ["k", "k/1", "世", "\u{1F600}"];

interface ModelRecord {
  readonly value: string;
  readonly version: number;
  /** Whether it outlives the case. */
  readonly stays: boolean;
}

/** Random calls on records, each compared with a map that was written from the contract's words. */
export const recordModelCase: CursorStoreCase = {
  title: "does with records what the contract says through a few hundred random calls",
  needs: "records",
  async run(harness) {
    const walk = new RecordWalk(harness);
    for (let step = 0; step < steps; step += 1) await walk.step(step);
  },
};

class RecordWalk {
  readonly #harness: StoreHarness;
  readonly #model = new Map<string, ModelRecord>();
  readonly #used = new Set<number>();

  constructor(harness: StoreHarness) {
    this.#harness = harness;
  }

  async step(step: number): Promise<void> {
    const chance = this.#harness.random();
    if (chance < 0.02) await this.#reopen();
    else if (chance < 0.06) await this.#expire();
    else await this.#write(step);
    await this.#compare();
  }

  async #write(step: number): Promise<void> {
    const { records, time, random } = this.#harness;
    const [scope, key] = [this.#pick(scopes), this.#pick(keys)];
    const known = this.#model.get(`${scope} ${key}`);
    const expectedVersion = random() < 0.7 ? (known?.version ?? 0) : this.#pick([0, ...this.#used]);
    const value = random() < 0.3 && expectedVersion > 0 ? undefined : `value ${step}`;
    // A short life is over only when the case waits for it; until then a server's clock could decide either way.
    const ttlMs = this.#pick([undefined, time.longMs]);
    const result = await records.compareAndSet({ scope, key, value, expectedVersion, ttlMs });
    const matches = expectedVersion === (known?.version ?? 0);
    expect(result.stored).toBe(matches);
    if (matches) this.#keep(`${scope} ${key}`, value, ttlMs === undefined, result);
    else expect(result.stored ? undefined : result.current?.version).toBe(known?.version);
  }

  #keep(name: string, value: string | undefined, stays: boolean, result: RecordWriteResult): void {
    const version = result.stored ? result.version : Number.NaN;
    if (value === undefined) {
      expect(version).toBe(0);
      this.#model.delete(name);
      return;
    }
    expect(this.#used.has(version)).toBe(false);
    this.#used.add(version);
    this.#model.set(name, { value, version, stays });
  }

  async #expire(): Promise<void> {
    const { time } = this.#harness;
    if (time.uncertaintyMs > 0) return;
    await time.pass(time.longMs);
    for (const [name, { stays }] of this.#model) if (!stays) this.#model.delete(name);
  }

  async #reopen(): Promise<void> {
    await this.#harness.reopen();
    if (this.#harness.capabilities.persistent) return;
    this.#model.clear();
    this.#used.clear();
  }

  async #compare(): Promise<void> {
    for (const scope of scopes) {
      const expected = keys.flatMap((key) => {
        const known = this.#model.get(`${scope} ${key}`);
        return known === undefined ? [] : [{ key, value: known.value, version: known.version }];
      });
      const listed = await this.#harness.records.list(scope);
      expect(listed.map(({ key, value, version }) => ({ key, value, version }))).toEqual(expected);
    }
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#harness.random() * items.length)]!;
  }
}
