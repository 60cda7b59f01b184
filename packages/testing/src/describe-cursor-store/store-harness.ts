import { expect } from "vitest";
import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import type {
  AcquireRequest,
  AcquireResult,
  CursorStore,
  Lease,
  SourceState,
  StoreRecords,
} from "@statewave-connectors/connector-sdk/store";
import { create, inGroups } from "./record-steps.ts";
import type { StoreTime } from "./store-time.ts";
import { itemAt } from "../required.ts";

/** What a cursor store can do; what it says it cannot is tested to be refused or absent. */
export interface CursorStoreCapabilities {
  /**
   * `injected`: its clock is the one it is opened with. `server`: its clock is the server's, and the one it is opened with (here: wrong by
   * an hour) must not matter for what is live.
   */
  readonly clock: "injected" | "server";
  /** Whether what was stored is there after closing and opening again. */
  readonly persistent: boolean;
  /** Whether several may hold it open at a time and see the same sources. If not, a persistent store refuses the second. */
  readonly shared: boolean;
  /** Declares that the store keeps records. One that declares nothing is tested for them if it has them. */
  readonly records?: true;
}

/** Opens the subject: always the same place. */
export type OpenStore = (context: { readonly clock: Clock }) => CursorStore | Promise<CursorStore>;

/** Puts records into a scope without the store. */
export type FillScope = (scope: string, keys: readonly string[]) => Promise<void>;

/** What a claim says when a case does not care: the source `github/main`, one owner, no due, a time to live that outlasts the case. */
export type LeaseRequest = Partial<AcquireRequest> & { readonly store?: CursorStore };

/** What surrounds the subject in one case: its time, and short ways to request leases. */
export class StoreHarness {
  readonly capabilities: CursorStoreCapabilities;
  readonly time: StoreTime;
  readonly random: () => number;
  readonly source: SourceKey = { kind: "github", name: "main" };
  readonly #open: OpenStore;
  readonly #fillScope: FillScope | undefined;
  readonly #handles: CursorStore[] = [];
  readonly #firstDueMs: number;

  constructor(options: {
    readonly capabilities: CursorStoreCapabilities;
    readonly open: OpenStore;
    readonly fillScope?: FillScope | undefined;
    readonly time: StoreTime;
    readonly random: () => number;
  }) {
    this.capabilities = options.capabilities;
    this.time = options.time;
    this.random = options.random;
    this.#open = options.open;
    this.#fillScope = options.fillScope;
    this.#firstDueMs = options.time.now() - 60 * 60_000;
  }

  /** The handle opened last by `reopen`, or at the start. */
  get store(): CursorStore {
    const store = this.#handles[0];
    if (store === undefined) throw new Error("the harness holds no open store.");
    return store;
  }

  /** The records of `store`. */
  get records(): StoreRecords {
    const { records } = this.store;
    if (records === undefined) throw new Error("The store keeps no records.");
    return records;
  }

  async fillScope(scope: string, keys: readonly string[]): Promise<void> {
    if (this.#fillScope !== undefined) return this.#fillScope(scope, keys);
    await inGroups(keys, 500, (key) => create(this.records, { scope, key }));
  }

  /** Opens one more handle on the same place. */
  async open(): Promise<CursorStore> {
    const store = await this.#open({ clock: this.time.clock });
    this.#handles.push(store);
    return store;
  }

  /** Closes every handle and opens the place again. */
  async reopen(): Promise<CursorStore> {
    await this.close();
    return this.open();
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.splice(0)) await handle.close();
  }

  /** The n-th of a row of dues a minute apart, all of them past. */
  due(n: number): number {
    return this.#firstDueMs + n * 60_000;
  }

  async ask(claim: LeaseRequest = {}): Promise<AcquireResult> {
    const { store = this.store, ...request } = claim;
    const answers = await store.acquire([{ source: this.source, owner: "owner-1", ttlMs: this.time.longMs, ...request }]);
    expect(answers).toHaveLength(1);
    return itemAt(answers, 0);
  }

  /** Claims, and expects a lease. */
  async claim(claim: LeaseRequest = {}): Promise<Lease> {
    const answer = await this.ask(claim);
    expect(answer).toMatchObject({ granted: true });
    if (!answer.granted) throw new Error("unreachable");
    return answer.lease;
  }

  /** A lease whose time is over and that no process has taken over. */
  async claimLapsed(claim: Omit<LeaseRequest, "ttlMs"> = {}): Promise<Lease> {
    const lease = await this.claim({ ...claim, ttlMs: this.time.shortMs });
    await this.time.pass(this.time.shortMs);
    return lease;
  }

  /** What `list` says of one source. */
  async state(source: SourceKey = this.source): Promise<SourceState | undefined> {
    const states = await this.store.list();
    return states.find((state) => state.source.kind === source.kind && state.source.name === source.name);
  }

  /** Whether `remainingMs` is what is left of `durationMs`, as exactly as the store's time can be known. */
  expectRemaining(remainingMs: number | undefined, durationMs: number): void {
    expect(remainingMs).toBeLessThanOrEqual(durationMs + this.time.uncertaintyMs);
    expect(remainingMs).toBeGreaterThanOrEqual(durationMs - this.time.uncertaintyMs);
  }
}
