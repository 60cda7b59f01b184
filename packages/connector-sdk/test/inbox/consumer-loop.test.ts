import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Claim, type ClaimBatch, ConsumerLoop, type Settlement } from "../../src/inbox/index.ts";
import { silentLogger } from "../../src/host/index.ts";
import { HandClock } from "../hand-clock.ts";

const claimOf = (key: string): Claim => ({
  key,
  attempt: 0,
  item: { type: "trigger", source: { kind: "gmail", name: "inbox" }, receivedAtMs: 1 },
});

/** An engine that answers each question with the next of the given answers, then with nothing. */
function scripted(answers: (ClaimBatch | Error | Promise<ClaimBatch>)[]) {
  const clock = new HandClock();
  const stored: [key: string, settlement: Settlement][] = [];
  const released: string[] = [];
  const held: Promise<void>[] = [];
  let asked = 0;
  let failures = 0;
  const engine = {
    clock,
    stored,
    released,
    asked: () => asked,
    /** So many settlements fail before one is stored. */
    failSettlements: (count: number) => (failures = count),
    /** Keeps so many releases waiting, each until its function is called. */
    holdReleases: (count: number) => {
      const holds = Array.from({ length: count }, () => Promise.withResolvers<void>());
      held.push(...holds.map(({ promise }) => promise));
      return holds.map(({ resolve }) => resolve);
    },
    start: (handler: (key: string, signal: AbortSignal) => Promise<Settlement>) =>
      new ConsumerLoop({
        clock,
        logger: silentLogger,
        handler: ({ key, signal }) => handler(key, signal),
        queue: {
          claim: async () => {
            asked += 1;
            const answer = answers.shift() ?? { claims: [], more: false };
            if (answer instanceof Error) throw answer;
            return answer;
          },
          settle: async ({ key }, settlement) => {
            if (failures > 0) {
              failures -= 1;
              throw new Error("disk full");
            }
            stored.push([key, settlement]);
          },
          release: async (claims) => {
            await held.shift();
            released.push(...claims.map(({ key }) => key));
          },
        },
      }),
  };
  return engine;
}

const batch = (...keys: readonly string[]): ClaimBatch => ({ claims: keys.map(claimOf), more: false });
const done = async (): Promise<Settlement> => ({ type: "done" });

describe("ConsumerLoop", () => {
  it("is abandoned only when what was being handed out has been given back", async () => {
    const answer = Promise.withResolvers<ClaimBatch>();
    const engine = scripted([answer.promise]);
    const loop = engine.start(() => new Promise(() => undefined));
    let isOver = false;
    const abandoned = loop.abandon(new Error("closed")).then(() => (isOver = true));
    await nextTurn();
    expect(isOver).toBe(false);
    answer.resolve(batch("late"));
    await abandoned;
    expect(engine.released).toEqual(["late"]);
    expect(loop.ended).toBe(true);
  });

  it("requests again at once when more is ready than one answer holds", async () => {
    const engine = scripted([{ ...batch("a"), more: true }, batch("b")]);
    engine.start(() => new Promise(() => undefined));
    await nextTurn();
    expect(engine.asked()).toBe(2);
  });

  it("requests when the next waiting item's time has come, and not before", async () => {
    const engine = scripted([{ claims: [], more: false, nextReadyAtMs: 6_000 }, batch("a")]);
    engine.start(done);
    await nextTurn();
    await engine.clock.advance(4_999);
    expect(engine.asked()).toBe(1);
    await engine.clock.advance(1);
    expect(engine.stored).toEqual([["a", { type: "done" }]]);
  });

  it("does not spin when the engine's clock is behind", async () => {
    const past = { claims: [], more: false, nextReadyAtMs: 500 };
    const engine = scripted(Array.from({ length: 100 }, () => past));
    engine.start(done);
    await nextTurn();
    expect(engine.asked()).toBe(2);
    await engine.clock.advance(1);
    expect(engine.asked()).toBe(3);
  });

  it("requests again after a second when the engine fails", async () => {
    const engine = scripted([new Error("away"), batch("a")]);
    engine.start(done);
    await nextTurn();
    await engine.clock.advance(999);
    expect(engine.stored).toEqual([]);
    await engine.clock.advance(1);
    expect(engine.stored).toEqual([["a", { type: "done" }]]);
  });

  it("stores a settlement again and again until it is stored", async () => {
    const engine = scripted([batch("a")]);
    engine.failSettlements(2);
    const loop = engine.start(done);
    await nextTurn();
    let stopped = false;
    const stop = loop.stop(new AbortController().signal).then(() => (stopped = true));
    await engine.clock.advance(1_000);
    expect(stopped).toBe(false);
    await engine.clock.advance(1_000);
    await stop;
    expect(engine.stored).toEqual([["a", { type: "done" }]]);
  });

  it("gives up a settlement that cannot be stored at a hard stop", async () => {
    const engine = scripted([batch("a")]);
    engine.failSettlements(Infinity);
    const loop = engine.start(done);
    await nextTurn();
    await loop.stop(AbortSignal.abort());
    expect(engine.released).toEqual(["a"]);
  });

  it("ends only when every claim has been given back, also when two releases overlap", async () => {
    const engine = scripted([batch("a", "b")]);
    engine.failSettlements(Infinity);
    const [first, second] = engine.holdReleases(2);
    const loop = engine.start((key) => (key === "a" ? new Promise(() => undefined) : done()));
    await nextTurn();
    void loop.giveBack();
    void loop.stop(AbortSignal.abort());
    first!();
    await nextTurn();
    expect([engine.released, loop.ended]).toEqual([["a"], false]);
    second!();
    await nextTurn();
    expect([engine.released, loop.ended]).toEqual([["a", "b"], true]);
  });

  it.each([undefined, null, {}, { type: "later" }, { type: "dead" }, { type: "retry" }, { type: "retry", afterMs: Number.NaN }])(
    "takes the answer %j for a throw: retry after a minute",
    async (answer) => {
      const engine = scripted([batch("a")]);
      engine.start(async () => answer as never);
      await nextTurn();
      expect(engine.stored).toEqual([["a", { type: "retry", afterMs: 60_000 }]]);
    },
  );

  it.each([
    [-5, 0],
    [0.4, 1],
    [Infinity, 315_360_000_000],
  ])("stores a delay of %d ms as %d", async (afterMs, storedMs) => {
    const engine = scripted([batch("a")]);
    engine.start(async () => ({ type: "retry", afterMs }));
    await nextTurn();
    expect(engine.stored).toEqual([["a", { type: "retry", afterMs: storedMs }]]);
  });

  it.each(["pause", "stop"] as const)("gives back what the engine hands out after %s, unseen by the handler", async (word) => {
    const answer = Promise.withResolvers<ClaimBatch>();
    const engine = scripted([answer.promise]);
    const seen: string[] = [];
    const loop = engine.start(async (key) => {
      seen.push(key);
      return { type: "done" };
    });
    const ended = word === "pause" ? loop.pause() : loop.stop(new AbortController().signal);
    answer.resolve(batch("a", "b"));
    await ended;
    await nextTurn();
    expect(seen).toEqual([]);
    expect(engine.released).toEqual(["a", "b"]);
  });

  it("aborts the claims that the engine has lost, and requests work again", async () => {
    const engine = scripted([batch("a"), batch(), batch("a")]);
    const signals: AbortSignal[] = [];
    const loop = engine.start((_, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await nextTurn();
    loop.wake();
    await nextTurn();
    loop.loseClaims(new Error("connection lost"));
    await nextTurn();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it("aborts only those claims that are named, when only those are lost", async () => {
    const engine = scripted([batch("a", "b"), batch("a")]);
    const signals = new Map<string, AbortSignal>();
    const loop = engine.start((key, signal) => {
      if (!signals.has(key)) signals.set(key, signal);
      return new Promise(() => undefined);
    });
    await nextTurn();
    loop.loseClaims(new Error("its lock ran out"), new Set(["a"]));
    await nextTurn();
    expect(signals.get("a")?.aborted).toBe(true);
    expect(signals.get("b")?.aborted).toBe(false);
  });
});
