import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { failureSentences } from "../failure-sentences.ts";
import type { WatchedStore } from "../../lifecycle/stores-at-stop.ts";
import { Answers } from "./answers.ts";
import { watchedCursorStore, watchedInbox } from "./watched-stores.ts";
import { type StoreRole, WriteHealth } from "./write-health.ts";

export interface StoreHealthsOptions {
  readonly store: CursorStore;
  readonly inbox: Inbox;
  /** Unique per process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clean: (text: string) => string;
  /** Which stores were passed to `createRunner`. */
  readonly injected: { readonly cursorStore: boolean; readonly inbox: boolean };
}

/** One store at this moment. */
export interface StoreSnapshot {
  readonly store: string;
  readonly writable: boolean;
  /** Of its server; undefined without TLS. */
  readonly certificateExpiresAtMs?: number | undefined;
}

/** No entry can have this name. */
export const noSource: SourceKey = { kind: "readyz", name: "-" };
const probeLeaseMs = 5_000;

/** Both stores, watched: what goes through `store` and `inbox` is remembered in the healths. */
export class StoreHealths {
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly cursorStore: WriteHealth;
  readonly inboxWrites: WriteHealth;
  readonly #answers: Readonly<Record<StoreRole, Answers>>;

  constructor({ store, inbox, owner, clean, injected, ...options }: StoreHealthsOptions) {
    // The health logs the error itself.
    const part = { clean, logger: silentLogger };
    this.cursorStore = new WriteHealth({
      ...options,
      store: "cursor_store",
      describe: failureSentences({ ...part, what: "the cursor store", injected: injected.cursorStore }),
      read: () => store.get(noSource),
      probe: () => probeLease(store, owner),
    });
    this.inboxWrites = new WriteHealth({
      ...options,
      store: "inbox",
      describe: failureSentences({ ...part, what: "the inbox", injected: injected.inbox }),
      read: () => inbox.stats(),
      probe: inbox.probeWrite === undefined ? undefined : () => inbox.probeWrite!().then(() => true),
    });
    this.#answers = { cursor_store: new Answers(options.clock), inbox: new Answers(options.clock) };
    this.store = watchedCursorStore(store, this.cursorStore, this.#answers.cursor_store, options.clock);
    this.inbox = watchedInbox(inbox, this.inboxWrites, this.#answers.inbox);
  }

  /** Whether they answer, and a read of each that is quick however much it holds. */
  get watched(): Readonly<Record<StoreRole, WatchedStore>> {
    return {
      cursor_store: { answers: this.#answers.cursor_store, ask: () => this.store.get(noSource) },
      inbox: { answers: this.#answers.inbox, ask: () => this.inbox.listDeadLetters({ limit: 1 }) },
    };
  }

  /** Each store, for metrics. */
  get all(): readonly StoreSnapshot[] {
    return [snapshotOf(this.cursorStore, this.store), snapshotOf(this.inboxWrites, this.inbox)];
  }

  /** See `WriteHealth.refresh`. */
  refresh(): void {
    this.cursorStore.refresh();
    this.inboxWrites.refresh();
  }

  stop(): void {
    this.cursorStore.stop();
    this.inboxWrites.stop();
  }
}

function snapshotOf({ role, status }: WriteHealth, { certificateExpiresAtMs }: CursorStore | Inbox): StoreSnapshot {
  return { store: role, writable: status === "ok", certificateExpiresAtMs };
}

/** Takes a lease as every run does, for a source that no list shows once it is released. False: another process holds it. */
async function probeLease(store: CursorStore, owner: string): Promise<boolean> {
  const [result] = await store.acquire([{ source: noSource, owner, ttlMs: probeLeaseMs }]);
  if (result?.granted !== true) return false;
  return store.release(result.lease, { type: "done" });
}
