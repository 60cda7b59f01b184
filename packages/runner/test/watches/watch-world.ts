import type { PullSource } from "@statewave-connectors/connector-sdk";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RunCause } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { SourceHealths } from "../../src/health/sources/source-healths.ts";
import { Watches } from "../../src/watches/watches.ts";
import { keepingLogger } from "../health/logging.ts";
import { NumberedSource, pullWorld, type PullWorldOptions } from "../pull/pull-fixture.ts";

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const one = { kind: "demo", name: "one" };

/** A source whose runs show what caused them. */
export class NoticingSource extends NumberedSource {
  readonly causes: (RunCause | undefined)[] = [];

  override pages(...[cursor, signal, cause]: Parameters<PullSource["pages"]>) {
    this.causes.push(cause);
    return super.pages(cursor, signal);
  }
}

/** A store that processes share, and that can stop answering. */
export class SharedStore {
  readonly inner: InMemoryPullCursorStore;
  isDown = false;
  /** Its writes hang. */
  isHanging = false;

  constructor(clock: FakeClock) {
    this.inner = new InMemoryPullCursorStore({ clock });
  }

  /** As one process sees it; `isCutOff`: only this process cannot reach it. */
  seen(isCutOff: () => boolean = () => false): CursorStore {
    const { inner } = this;
    const guard = async () => {
      if (this.isHanging) await new Promise(() => undefined);
      if (this.isDown || isCutOff()) throw new ConnectorsError({ code: "STORE_UNAVAILABLE", message: "away", retryable: true });
    };
    const guarded = <Method extends (...parameters: never[]) => Promise<unknown>>(method: Method): Method =>
      (async (...parameters: never[]) => {
        await guard();
        return method(...parameters);
      }) as Method;
    const { records } = inner;
    const seenRecords: StoreRecords = {
      get: guarded((scope, key) => records.get(scope, key)),
      compareAndSet: guarded((write) => records.compareAndSet(write)),
      list: guarded((scope, query) => records.list(scope, query)),
      scopes: guarded((query) => records.scopes(query)),
    };
    return new Proxy<CursorStore>(inner, {
      get(target, name) {
        if (name === "livesIn") return "server";
        if (name === "records") return seenRecords;
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? guarded(member.bind(target) as () => Promise<unknown>) : member;
      },
    });
  }
}

export interface WatchWorldOptions extends Pick<PullWorldOptions, "entry" | "ingest" | "random" | "buryFailedItem"> {
  readonly source: PullSource;
  readonly clock?: FakeClock;
  /** Default: one that no other process shares. */
  readonly store?: CursorStore;
}

/** One process with the long-lived work of one source; several of them may share a clock and a store. */
export function watchWorld({ source, clock = new FakeClock(), store, ...options }: WatchWorldOptions) {
  const world = pullWorld({ ...options, clock, ...(store !== undefined && { store }), sources: { one: source } });
  const { logger, lines } = keepingLogger();
  const failed: number[] = [];
  const healths = new SourceHealths({ clock, logger });
  const watches = new Watches({
    pulls: world.pulls,
    store: world.store,
    scheduler: world.scheduler,
    healths,
    buryFailedItem: world.buryFailedItem,
    observer: { itemsFailed: (_, count) => void failed.push(count) },
    clock,
    random: options.random ?? (() => 0.5),
    logger,
    owner: `process-${Math.random()}`,
  });
  /** What ignores its abort is waited for, in the time of the clock. */
  const stop = async () => {
    const stopping = watches.stop();
    await world.pass(4 * secondMs);
    await stopping;
  };
  return { ...world, watches, stop, lines, failed, health: healths.of("pull", one) };
}
