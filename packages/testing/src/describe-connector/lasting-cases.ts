import { setTimeout as pause } from "node:timers/promises";
import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import type { KeepFailed, SourceStorage } from "@statewave-connectors/connector-sdk/host";
import { expect } from "vitest";
import { within } from "../within.ts";
import { type ConnectorCase, onNetwork } from "./connector-case.ts";
import { expectSameKeys } from "./expect-keys.ts";
import { keysOf, ownError, type PullHarness } from "./pull-harness.ts";

const longestLifeMs = 3_650 * 86_400_000;
/** A call that is refused has to end; one that tries again by itself makes more requests than that. */
const mostRequests = 20;

/** What a pull does beside its walks: waiting for news, renewing, and storing values. */
export const lastingCases: readonly ConnectorCase[] = [
  {
    title: "reads the same, whatever parts it is to read first",
    async run(harness) {
      const whole = keysOf((await harness.wholeWalk()).pages);
      const parts = ["no such part", ...(harness.fixture.parts ?? [])];
      expectSameKeys(keysOf(await harness.walkFor({ parts })), whole, "keys of a walk that prefers parts");
    },
  },
  {
    title: "ends its wait within two seconds after it is aborted",
    async run(harness) {
      const source = await harness.open();
      if (source.wait === undefined) return harness.lacks("wait()");
      const stop = new AbortController();
      const isUnderWay = begun(harness);
      const settled = source
        .wait(stop.signal, () => undefined, keepNothing)
        .then(
          () => undefined,
          () => undefined,
        );
      await Promise.race([settled, isUnderWay]);
      stop.abort(new Error("the case is over"));
      await within("a wait that is aborted", settled);
    },
  },
  {
    title: "ends a wait that its provider refuses with an error of its own",
    holdsFor: onNetwork,
    async run(harness) {
      const source = await harness.open();
      if (source.wait === undefined) return harness.lacks("wait()");
      await expectRefused(harness, async (signal) => source.wait?.(signal, () => undefined, keepNothing));
    },
  },
  {
    title: "requests a run for news, and names no part that it does not have",
    async run(harness) {
      const { news, parts } = harness.fixture;
      const source = await harness.open();
      if (source.wait === undefined) return harness.lacks("wait()");
      if (news === undefined) return harness.lacks("news in its fixture");
      const stop = new AbortController();
      const requested = Promise.withResolvers<string | undefined>();
      const isUnderWay = begun(harness);
      source.wait(stop.signal, (part) => requested.resolve(part), keepNothing).catch((error: unknown) => requested.reject(error));
      await Promise.race([isUnderWay, requested.promise]);
      await news();
      const part = await within("the request of a run", requested.promise);
      stop.abort(new Error("the case is over"));
      if (part !== undefined) expect(parts ?? [], "the parts of its fixture").toContain(part);
    },
  },
  {
    title: "keeps what its wait cannot read before it takes it off its provider",
    async run(harness) {
      const { strange } = harness.fixture;
      const source = await harness.open();
      if (source.wait === undefined) return harness.lacks("wait()");
      if (strange === undefined) return harness.lacks("something strange in its fixture");
      const { isHeld } = await strange();
      const stop = new AbortController();
      const kept: FailedItem[] = [];
      const held: boolean[] = [];
      const keep: KeepFailed = async (failures) => {
        kept.push(...failures);
        await pause(10);
        held.push(isHeld());
      };
      try {
        const ended = source
          .wait(stop.signal, () => undefined, refuse)
          .then(
            () => "it returned",
            (error: unknown) => error,
          );
        expect(await within("a wait whose find cannot be kept", ended)).toBeInstanceOf(Error);
        expect(isHeld(), "whether its provider holds what could not be kept").toBe(true);
        source.wait(stop.signal, () => undefined, keep).catch(() => undefined);
        await within("what was kept is taken off its provider", untilGone(isHeld, stop.signal));
      } finally {
        stop.abort(new Error("the case is over"));
      }
      expect(kept.length, "how much was kept").toBeGreaterThan(0);
      expect(new Set(held), "whether its provider held it meanwhile").toEqual(new Set([true]));
    },
  },
  {
    title: "renews until a time in the future, in milliseconds",
    async run(harness) {
      const source = await harness.open();
      if (source.maintain === undefined) return harness.lacks("maintain()");
      const { expiresAtMs, warnBeforeMs } = await source.maintain(new AbortController().signal);
      const leftMs = expiresAtMs - harness.clock.now();
      expect(leftMs, "milliseconds until it expires").toBeGreaterThan(0);
      expect(leftMs, "milliseconds until it expires").toBeLessThanOrEqual(longestLifeMs);
      // Else the source is unhealthy from its renewal on.
      expect(leftMs / 2, "half of its life, against `warnBeforeMs`").toBeGreaterThan(warnBeforeMs ?? 48 * 3_600_000);
    },
  },
  {
    title: "ends a renewal that its provider refuses with an error of its own",
    holdsFor: onNetwork,
    async run(harness) {
      const source = await harness.open();
      if (source.maintain === undefined) return harness.lacks("maintain()");
      await expectRefused(harness, async (signal) => source.maintain?.(signal));
    },
  },
  {
    title: "reads what another process stored before it stores a value again",
    async run(harness) {
      const rival = new RivalStorage(harness.storage);
      harness.storage = rival;
      const source = await harness.open();
      for await (const page of source.pages(undefined, new AbortController().signal)) void page;
      await source.maintain?.(new AbortController().signal);
      if (rival.writes === 0) return harness.lacks("use of its storage");
      expect(rival.faults, "what is wrong with its writes").toEqual([]);
      expect([...rival.unread], "keys whose new value was not read").toEqual([]);
    },
  },
];

const keepNothing: KeepFailed = async () => undefined;
const refuse: KeepFailed = () =>
  Promise.reject(new ConnectorsError({ code: "SINK_BURY_FAILED", message: "the inbox is full", retryable: true }));

async function untilGone(isHeld: () => boolean, signal: AbortSignal): Promise<void> {
  while (isHeld() && !signal.aborted) await pause(5);
}

/** Long enough to connect on one machine; what comes later is as good as what comes before. */
const connectMs = 300;

/** Resolves when a call that comes now is under way: with its first request, or after a while where nothing is fetched. */
async function begun({ subject, gate }: PullHarness): Promise<void> {
  if (onNetwork(subject)) return gate.nextRequest();
  await pause(connectMs);
}

async function expectRefused(harness: PullHarness, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const tooMany = Promise.withResolvers<never>();
  let requests = 0;
  harness.gate.intercept(() => {
    requests += 1;
    if (requests > mostRequests) tooMany.reject(new Error(`it made more than ${mostRequests} requests that were refused`));
    return harness.provider.unauthorized();
  });
  const stop = new AbortController();
  const refused = call(stop.signal).then(
    () => "it returned although its provider refused it",
    (error: unknown) => error,
  );
  try {
    ownError(harness, await within("a call that its provider refuses", Promise.race([refused, tooMany.promise])));
  } finally {
    stop.abort(new Error("the case is over"));
    harness.gate.intercept(undefined);
  }
}

/** A storage in which another process is faster once for each key. */
class RivalStorage implements SourceStorage {
  readonly #inner: SourceStorage;
  readonly #beaten = new Set<string>();
  /** Keys whose write was refused, until they are read. */
  readonly unread = new Set<string>();
  readonly faults: string[] = [];
  writes = 0;

  constructor(inner: SourceStorage) {
    this.#inner = inner;
  }

  async get(key: string) {
    this.unread.delete(key);
    return this.#inner.get(key);
  }

  async compareAndSet(...[key, value, version]: Parameters<SourceStorage["compareAndSet"]>) {
    this.writes += 1;
    this.#check(key);
    if (this.#beaten.has(key)) return this.#inner.compareAndSet(key, value, version);
    this.#beaten.add(key);
    this.unread.add(key);
    return false;
  }

  async delete(key: string, version: number) {
    this.#check(key);
    return this.#inner.delete(key, version);
  }

  #check(key: string): void {
    if (this.unread.has(key)) this.faults.push(`${key} is written without being read again`);
  }
}
