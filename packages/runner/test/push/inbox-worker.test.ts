import { ConnectorsError, type Page, sleep } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { numberedEpisode } from "../pull/pull-fixture.ts";
import { onePage, pushWorld, source, texts, ran } from "./push-fixture.ts";

describe("an accepted event", () => {
  test("is mapped, delivered and settled", async () => {
    const world = pushWorld();
    await world.accept(1);
    await world.pass(50);
    expect(texts(world.received)).toEqual(["number 1"]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 0, deadLetters: [] });
  });

  test("carries the entry's subject", async () => {
    const world = pushWorld({ subject: "team:override" });
    await world.accept(1);
    await world.pass(50);
    expect(world.received[0]?.subject).toBe("team:override");
  });

  test("waits while webhooks keep the main thread busy, and is delivered when they no longer do", async () => {
    const world = pushWorld({ utilization: 1 });
    const accept = async (number: number) => {
      await world.accept(number);
      world.worker.accepted();
    };
    for (let number = 0; number < 400; number += 1) await accept(number);
    await world.pass(50);
    const inHand = world.received.length;
    for (let number = 400; number < 404; number += 1) {
      await world.pass(50);
      await accept(number);
    }
    expect(world.received).toHaveLength(inHand);
    expect(inHand).toBeLessThan(400);
    await world.pass(1_000);
    expect(world.received).toHaveLength(404);
  });

  test("whose mapping has a defect becomes a dead letter, raw, and a retry after the fix delivers it", async () => {
    let broken = true;
    const world = pushWorld({
      pages: async function* (event) {
        if (broken) throw new TypeError("undefined is not a function");
        yield* onePage(event);
      },
    });
    await world.accept(7);
    await world.pass(50);
    const [letter] = await world.inbox.listDeadLetters();
    expect(letter).toMatchObject({ type: "event", reason: "TypeError: undefined is not a function" });
    broken = false;
    await world.inbox.retryDeadLetters([letter!.key]);
    await world.pass(50);
    expect(texts(world.received)).toEqual(["number 7"]);
  });

  test("is retried for as long as the provider is unreachable, and never becomes dead by counting", async () => {
    let away = true;
    const world = pushWorld({
      pages: async function* (event) {
        if (away) throw new ConnectorsError({ code: "DEMO_UNAVAILABLE", message: "away", retryable: true });
        yield* onePage(event);
      },
    });
    await world.accept(7);
    for (let hour = 0; hour < 48; hour += 1) await world.pass(3_600_000);
    expect(await world.inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
    away = false;
    await world.pass(2 * 3_600_000);
    expect(texts(world.received)).toEqual(["number 7"]);
  });

  test("of more pages may take 30 s for each of them", async () => {
    const world = pushWorld({
      async *pages() {
        for (let number = 0; number < 3; number += 1) {
          await sleep(world.clock, 20_000);
          yield { episodes: [numberedEpisode(number)] };
        }
      },
    });
    await world.accept(7);
    await world.pass(70_000);
    expect(world.outcomes).toEqual(["done"]);
    expect(world.received).toHaveLength(3);
  });

  test("that is retried or buried is logged with the type of the inbox item", async () => {
    const world = pushWorld({
      // eslint-disable-next-line require-yield -- there is no page
      pages: async function* (event) {
        if (Buffer.from(event.body).toString() === "1") throw new TypeError("defect");
        throw new ConnectorsError({ code: "DEMO_UNAVAILABLE", message: "down", retryable: true });
      },
    });
    await world.accept(1);
    await world.accept(2);
    await world.pass(50);
    const lines = world.lines.filter(({ level }) => level === "warn" || level === "error");
    expect(lines.map(({ message, fields }) => [message, fields?.["type"]])).toEqual([
      ["an inbox item cannot be processed and becomes a dead letter", "event"],
      ["an inbox item is retried later", "event"],
    ]);
  });

  test("whose mapping hangs is given up after 30 s and tried again", async () => {
    let attempts = 0;
    const world = pushWorld({
      pages: async function* (event) {
        attempts += 1;
        if (attempts === 1) await new Promise(() => undefined);
        yield* onePage(event);
      },
    });
    await world.accept(7);
    await world.pass(29_000);
    expect(world.outcomes).toEqual([]);
    await world.pass(30_000);
    expect(world.outcomes).toEqual(["retry", "done"]);
  });

  test("of an entry that left the configuration is kept", async () => {
    const world = pushWorld();
    await world.accept(1, { kind: "demo", name: "gone" });
    await world.pass(60_000);
    expect(world.lines.find(({ level }) => level === "warn")?.fields).toEqual({
      source: "demo/gone",
      hint: 'add [[push.demo]] name = "gone" again to have them delivered',
    });
    expect(await world.inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
  });
});

describe("an outage of the sink", () => {
  test("costs no event an attempt, and everything arrives afterwards", async () => {
    let down = true;
    const world = pushWorld({
      ingest: async () => {
        if (down) throw new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true });
      },
    });
    for (let number = 0; number < 200; number += 1) await world.accept(number);
    await world.pass(10 * 60_000);
    expect(world.outcomes).toEqual([]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 200 });
    down = false;
    await world.pass(60_000);
    expect(new Set(texts(world.received)).size).toBe(200);
    expect(world.outcomes).toEqual(Array.from({ length: 200 }, () => "done"));
  });
});

describe("a retried episode", () => {
  test("is sent again as it was buried", async () => {
    const world = pushWorld();
    await world.inbox.buryEpisode(source, numberedEpisode(3), "refused");
    const [letter] = await world.inbox.listDeadLetters();
    await world.inbox.retryDeadLetters([letter!.key]);
    await world.pass(50);
    expect(world.received).toEqual([numberedEpisode(3)]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 0, deadLetters: [] });
  });
});

describe("a trigger", () => {
  const trigger = (world: ReturnType<typeof pushWorld>) => world.inbox.accept({ type: "trigger", source, receivedAtMs: 0 });

  test("is settled by a run of its twin that began after it was accepted", async () => {
    const world = pushWorld();
    await trigger(world);
    await world.pass(50);
    expect(world.runs).toHaveLength(1);
    expect(world.outcomes).toEqual(["done"]);
  });

  test("has its twin read the part first that it names", async () => {
    const parts: (string | undefined)[] = [];
    const world = pushWorld({
      runForProgram: (_, part) => {
        parts.push(part);
        return Promise.resolve(ran);
      },
    });
    await world.inbox.accept({ type: "trigger", source, part: "ada@example.com", receivedAtMs: 0 });
    await trigger(world);
    await world.pass(50);
    expect(new Set(parts)).toEqual(new Set(["ada@example.com", undefined]));
  });

  test("waits while another process runs the twin", async () => {
    let busy = true;
    const world = pushWorld({
      runForProgram: () => {
        if (!busy) return Promise.resolve(ran);
        return Promise.reject(new ConnectorsError({ code: "PULL_BUSY", message: "busy", retryable: true }));
      },
    });
    await trigger(world);
    await world.pass(1_000);
    expect(world.outcomes).toEqual(["retry"]);
    busy = false;
    await world.pass(10_000);
    expect(world.outcomes).toEqual(["retry", "done"]);
  });

  test("stays in the inbox while an operator has paused the twin, however long, and is no failure", async () => {
    let isPaused = true;
    const world = pushWorld({
      runForProgram: () => {
        if (!isPaused) return Promise.resolve(ran);
        return Promise.reject(new ConnectorsError({ code: "PULL_PAUSED", message: "paused", retryable: true }));
      },
    });
    await trigger(world);
    await world.pass(60 * 60_000);
    expect(await world.inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
    expect([world.failures, new Set(world.outcomes)]).toEqual([[], new Set(["retry"])]);
    isPaused = false;
    await world.pass(120_000);
    expect(world.outcomes.at(-1)).toBe("done");
    expect(await world.inbox.stats()).toMatchObject({ depth: 0 });
  });

  test("is tried again without a failure when its run was requested while the runner stops", async () => {
    let stopping = true;
    const world = pushWorld({
      runForProgram: () => {
        if (!stopping) return Promise.resolve(ran);
        return Promise.reject(new ConnectorsError({ code: "RUNNER_STOPPING", message: "stopping", retryable: true }));
      },
    });
    await trigger(world);
    await world.pass(1_000);
    expect(world.outcomes).toEqual(["retry"]);
    expect(world.failures).toEqual([]);
    expect(world.lines.filter(({ level }) => level === "warn")).toEqual([]);
    stopping = false;
    await world.pass(10_000);
    expect(world.outcomes).toEqual(["retry", "done"]);
  });

  test("waits until the sink takes episodes of its twin again, and is not tried every second meanwhile", async () => {
    let isPaused = true;
    const world = pushWorld({
      runForProgram: () => {
        if (!isPaused) return Promise.resolve(ran);
        const retryAtMs = world.clock.now() + 15 * 60_000;
        return Promise.reject(new ConnectorsError({ code: "SINK_SOURCE_PAUSED", message: "paused", retryAtMs }));
      },
    });
    await trigger(world);
    await world.pass(14 * 60_000);
    expect([world.runs.length, world.outcomes, world.failures]).toEqual([1, ["retry"], []]);
    isPaused = false;
    await world.pass(2 * 60_000);
    expect(world.outcomes).toEqual(["retry", "done"]);
  });

  test("is settled by a run that ends at max_items, whose rest the schedule paces", async () => {
    const report = { episodes: 3, delivered: 3, buried: 0, skipped: 0, fetched: 3, failed: 0, exhausted: false };
    const world = pushWorld({ runForProgram: () => Promise.resolve({ type: "partial", report, reason: "max_items" }) });
    await trigger(world);
    await world.pass(60_000);
    expect([world.runs.length, world.outcomes]).toEqual([1, ["done"]]);
  });

  test("is tried again when the stop of the runner ends its run", async () => {
    const report = { episodes: 3, delivered: 3, buried: 0, skipped: 0, fetched: 3, failed: 0, exhausted: false };
    const world = pushWorld({ runForProgram: () => Promise.resolve({ type: "partial", report, reason: "stopping" }) });
    await trigger(world);
    await world.pass(1_000);
    expect(world.outcomes).toEqual(["retry"]);
  });

  test("of a receiver that has lost its twin is kept, and the log names the option to set", async () => {
    const world = pushWorld({ twin: null });
    await trigger(world);
    await trigger(world);
    await world.pass(1_000);
    expect(await world.inbox.stats()).toMatchObject({ depth: 2, deadLetters: [] });
    const warnings = world.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { source: "demo/hook", hint: 'set `pull` of [[push.demo]] name = "hook" to the pull source to run' },
    ]);
  });

  test("never becomes dead, whatever the run throws", async () => {
    const world = pushWorld({ runForProgram: () => Promise.reject(new TypeError("defect")) });
    await trigger(world);
    await world.pass(50);
    expect(world.outcomes).toEqual(["retry"]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
  });
});

test("stop gives back what does not settle in time, without counting an attempt", async () => {
  const world = pushWorld({
    pages: async function* () {
      await new Promise(() => undefined);
      yield { episodes: [] };
    },
  });
  await world.accept(1);
  await world.pass(50);
  await world.worker.stop(AbortSignal.abort());
  expect(await world.inbox.stats()).toMatchObject({ depth: 1 });
  const attempts: number[] = [];
  const consumer = world.inbox.consume(async ({ attempt }) => {
    attempts.push(attempt);
    return { type: "done" };
  });
  await world.pass(50);
  expect(attempts).toEqual([0]);
  await consumer.stop(AbortSignal.abort());
});

describe("items of an event that cannot be mapped", () => {
  const failing = (failures: number, episodes: number) =>
    async function* (): AsyncGenerator<Page, void> {
      yield {
        episodes: Array.from({ length: episodes }, (_, n) => numberedEpisode(n)),
        failures: Array.from({ length: failures }, (_, n) => ({ id: `item ${n}`, error: new Error("odd"), raw: { n } })),
      };
    };

  test("are buried, and the event is settled", async () => {
    const world = pushWorld({ pages: failing(2, 1) });
    await world.accept(1);
    await world.pass(50);
    expect(texts(world.received)).toEqual(["number 0"]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 0, deadLetters: [{ source, type: "item", count: 2 }] });
    const [letter] = await world.inbox.listDeadLetters();
    expect((await world.inbox.getDeadLetter(letter!.key))?.item).toMatchObject({
      id: "item 0",
      direction: "push",
      raw: { n: 0 },
    });
  });

  test("an event most of whose items fail is buried whole", async () => {
    const world = pushWorld({ pages: failing(30, 5) });
    await world.accept(1);
    await world.pass(50);
    expect(world.received).toEqual([]);
    expect(await world.inbox.listDeadLetters()).toMatchObject([
      { type: "event", reason: expect.stringContaining("PUSH_MAPPING_BROKEN") },
    ]);
  });

  test("a page that is not a page buries its event", async () => {
    const world = pushWorld({
      async *pages() {
        yield undefined as unknown as Page;
      },
    });
    await world.accept(1);
    await world.pass(50);
    expect(await world.inbox.listDeadLetters()).toMatchObject([
      { type: "event", reason: expect.stringContaining("PUSH_PAGE_INVALID") },
    ]);
  });

  test("that come again and again end the mapping of their event", async () => {
    const world = pushWorld({
      async *pages() {
        for (;;) yield { episodes: [numberedEpisode(1)], failures: [{ id: "x", error: new Error("odd") }] };
      },
    });
    await world.accept(1);
    await world.pass(5_000);
    const letters = await world.inbox.listDeadLetters();
    expect(letters.map(({ type }) => type)).toEqual(["item", "event"]);
    expect(letters[1]?.reason).toContain("PUSH_NO_PROGRESS");
  });

  test("are mapped and delivered when they are found in the queue, or buried again with the new reason", async () => {
    const map = (raw: unknown) => {
      if (typeof raw !== "number") throw new TypeError("no number");
      return [numberedEpisode(raw)];
    };
    const world = pushWorld({ mapper: { map }, subject: "team:a" });
    for (const [id, raw] of [
      ["good", 4],
      ["bad", "x"],
    ] as const) {
      await world.inbox.accept({ type: "item", source, direction: "push", id, raw, receivedAtMs: 1 });
    }
    await world.pass(50);
    expect(world.received).toMatchObject([{ text: "number 4", subject: "team:a" }]);
    expect(await world.inbox.listDeadLetters()).toMatchObject([
      { type: "item", reason: expect.stringContaining("item bad of demo/hook still cannot be mapped: TypeError: no number") },
    ]);
    expect((await world.inbox.stats()).depth).toBe(0);
  });
});
