import type { NoticesConfig } from "@statewave-connectors/config/result";
import { Secret, sleep } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StartSnapshot } from "../../src/notices/downtime.ts";
import { LastSign } from "../../src/notices/last-sign.ts";
import { NoticeSender } from "../../src/notices/messages/notice-sender.ts";
import { Notices } from "../../src/notices/notices.ts";
import { recordLeaseOn } from "../../src/records/record-lease-on.ts";
import { recordStore } from "../record-store.ts";

const settleMs = 60_000;
const config: NoticesConfig = {
  settleMs,
  inboxAgeMs: 900_000,
  notify: [{ name: "ops", url: new Secret("https://x.example/hook"), format: "json", events: ["disk_full", "downtime"] }],
};

/** A state, what takes notices, and whether the disk is full. */
function makeWorld() {
  const { clock, records } = recordStore();
  const world = {
    clock,
    records,
    isFull: true,
    isStoreDown: false,
    lookTakesMs: 0,
    messages: [] as string[],
    outcomes: [] as string[],
    answer: (): Response | Promise<Response> => new Response(),
    start: (owner: string) => startProcess(owner, world),
    /** Lets time pass in steps that let requests and answers through. */
    pass: (ms: number) => pass(clock, ms),
  };
  return world;
}
type NoticeWorld = ReturnType<typeof makeWorld>;

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) await clock.advance(Math.min(left, 5_000));
}

/** One process that sends notices, until it is killed: it then does nothing more, and its lease stays. */
function startProcess(owner: string, world: NoticeWorld) {
  const { clock } = world;
  let isDead = false;
  const records = failing(world.records, () => world.isStoreDown || isDead);
  const fetch: typeof globalThis.fetch = async (_, init) => {
    if (isDead) return new Promise<never>(() => undefined);
    const response = await world.answer();
    if (response.ok) world.messages.push(`${owner} ${shown(typeof init?.body === "string" ? init.body : "")}`);
    return response;
  };
  const observer = { notice: (_: string, outcome: string) => void world.outcomes.push(outcome) };
  const sender = { notify: config.notify, fetch, clock, random: () => 1, logger: silentLogger, observer };
  const lease = { ...recordLeaseOn(records, "notice-leases", "notices"), owner, clock, logger: silentLogger };
  const snapshot: StartSnapshot = { startedAtMs: clock.now(), pulls: [], states: [], inbox: undefined };
  const notices = new Notices({
    config,
    records,
    lease: { ...lease, ttlMs: 30_000, isShared: true, outlastsSilence: true },
    look: async () => {
      await sleep(clock, world.lookTakesMs);
      return lookAt(world);
    },
    sender: new NoticeSender(sender),
    snapshot: Promise.resolve(snapshot),
    clock,
    random: () => 1,
    logger: silentLogger,
  });
  notices.start();
  const stop = async () => {
    const stopping = notices.stop();
    await pass(clock, 15_000);
    await stopping;
  };
  onTestFinished(stop);
  return { stop, kill: () => (isDead = true) };
}

function lookAt({ clock, isFull }: NoticeWorld) {
  const fullDisks = isFull ? [{ folder: "/var", message: "only 3 MiB are free on the disk of /var" }] : [];
  return { nowMs: clock.now(), seen: undefined, unwritable: [], fullDisks };
}

function failing(records: StoreRecords, isDown: () => boolean): StoreRecords {
  const orDown = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isDown()) throw new Error("the store is down");
    return work();
  };
  return {
    get: (...query) => orDown(() => records.get(...query)),
    list: (...query) => orDown(() => records.list(...query)),
    scopes: (...query) => orDown(() => records.scopes(...query)),
    compareAndSet: (write) => orDown(() => records.compareAndSet(write)),
  };
}

function shown(body: string): string {
  const { began, over, downtime } = JSON.parse(body) as Readonly<
    Record<"began" | "over", readonly { readonly event: string }[]>
  > & {
    readonly downtime?: object;
  };
  return [
    ...(downtime === undefined ? [] : ["downtime"]),
    ...began.map(({ event }) => `began ${event}`),
    ...over.map(({ event }) => `over ${event}`),
  ].join(", ");
}

describe("notices", () => {
  it("are sent by one of several processes, and another one resumes when it ends or dies, without repeating a message", async () => {
    const world = makeWorld();
    const first = world.start("a");
    await world.pass(1_000);
    const second = world.start("b");
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full"]);
    await first.stop();
    world.start("c");
    await world.pass(5 * settleMs);
    second.kill();
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full"]);
    world.isFull = false;
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full", "c over disk_full"]);
  });

  it("report a downtime once, with what ended meanwhile, and none after a short one", async () => {
    const world = makeWorld();
    const first = world.start("a");
    await world.pass(5 * settleMs);
    first.kill();
    world.isFull = false;
    await world.pass(60 * settleMs);
    const second = world.start("b");
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full", "b downtime, over disk_full"]);
    await second.stop();
    world.start("c");
    await world.pass(5 * settleMs);
    expect(world.messages).toHaveLength(2);
  });

  it("report a downtime although the process that learned of it was killed in its first look", async () => {
    const world = makeWorld();
    world.isFull = false;
    const first = world.start("a");
    await world.pass(5 * settleMs);
    first.kill();
    await world.pass(60 * settleMs);
    world.lookTakesMs = settleMs;
    const second = world.start("b");
    await world.pass(settleMs / 2);
    second.kill();
    world.lookTakesMs = 0;
    await world.pass(settleMs / 2);
    world.start("c");
    await world.pass(10 * settleMs);
    expect(world.messages).toEqual(["c downtime"]);
  });

  it("report no downtime after a look that took longer than one, and a kill", async () => {
    const world = makeWorld();
    world.isFull = false;
    world.lookTakesMs = 2 * settleMs;
    const first = world.start("a");
    await world.pass(3 * settleMs);
    first.kill();
    await world.pass(settleMs / 2);
    world.lookTakesMs = 0;
    world.start("b");
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual([]);
  });

  it("report no downtime for the time in which none were configured", async () => {
    const world = makeWorld();
    world.isFull = false;
    const first = world.start("a");
    await world.pass(settleMs);
    await first.stop();
    await new LastSign(world.records).forget();
    await world.pass(60 * settleMs);
    world.start("b");
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual([]);
  });

  it("are sent while the store takes nothing, and not again when it does", async () => {
    const world = makeWorld();
    world.isFull = false;
    world.start("a");
    await world.pass(settleMs);
    world.isStoreDown = true;
    world.isFull = true;
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full"]);
    world.isStoreDown = false;
    await world.pass(5 * settleMs);
    world.isFull = false;
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full", "a over disk_full"]);
  });

  it("that cannot be sent are sent together later, also by the next process", async () => {
    const world = makeWorld();
    world.answer = () => new Response("no", { status: 500 });
    const first = world.start("a");
    await world.pass(5 * settleMs);
    world.isFull = false;
    await world.pass(5 * settleMs);
    await first.stop();
    const failed = world.outcomes.length;
    expect(failed).toBeGreaterThan(3);
    world.answer = () => new Response();
    world.start("b");
    await world.pass(20 * 60_000);
    expect(world.messages).toEqual(["b began disk_full, over disk_full"]);
    expect(world.outcomes.slice(failed)).toEqual(["sent"]);
  });

  it("under way at a stop are completed, so that the next start does not send them again", async () => {
    const world = makeWorld();
    const answered = Promise.withResolvers<Response>();
    const seen = { requests: 0 };
    world.answer = () => {
      seen.requests += 1;
      return answered.promise;
    };
    const first = world.start("a");
    while (seen.requests === 0) await world.pass(1_000);
    const stopping = first.stop();
    answered.resolve(new Response());
    await stopping;
    world.start("b");
    await world.pass(5 * settleMs);
    expect(world.messages).toEqual(["a began disk_full"]);
  });

  it("to a server that hangs are given up after a few seconds, and a day of failures drops them", async () => {
    const world = makeWorld();
    world.answer = () => new Promise<never>(() => undefined);
    world.start("a");
    await world.pass(26 * 60 * 60_000);
    expect(world.outcomes.at(-1)).toBe("dropped");
    expect(new Set(world.outcomes.slice(0, -1))).toEqual(new Set(["failed"]));
    expect(world.outcomes.length).toBeLessThan(120);
  });
});
