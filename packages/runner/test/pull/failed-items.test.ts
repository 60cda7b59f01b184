import { ConnectorsError, type Page, type PullSource } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { parseSchedule } from "@statewave-connectors/config";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { silentPullObserver } from "../../src/pull/pull-observer.ts";
import { runPull } from "../../src/pull/run-pull.ts";
import { keepingLogger } from "../health/logging.ts";
import { numberedEpisode, pullWorld } from "./pull-fixture.ts";

const key = { kind: "demo", name: "a" };
const failed = (id: string) => ({ id, error: new TypeError(`${id} has no title`), raw: { id } });

/** Yields the given pages, each with its position as the cursor. */
function sourceOf(pages: readonly unknown[]): PullSource {
  return {
    async *pages(cursor) {
      for (let at = Number(cursor ?? 0); at < pages.length; at += 1) {
        const page = pages[at];
        const cursorOf = typeof page === "object" && page !== null && !("cursor" in page) ? { cursor: String(at + 1) } : {};
        yield (typeof page === "object" && page !== null ? { ...page, ...cursorOf } : page) as Page;
      }
    },
  };
}

async function runOnce(pages: readonly unknown[], options: Partial<Parameters<typeof pullWorld>[0]> = {}) {
  const world = pullWorld({ sources: { a: sourceOf(pages) }, ...options });
  await world.scheduler.start();
  await world.pass(60 * 60_000);
  return world;
}

describe("an item that cannot be mapped", () => {
  test("is buried, and the rest of its page is delivered", async () => {
    const { logger, lines } = keepingLogger();
    const world = await runOnce(
      [
        { episodes: [numberedEpisode(1)], failures: [failed("x"), failed("y")], skipped: { bot: 2 } },
        { episodes: [numberedEpisode(2)] },
      ],
      { logger },
    );
    expect(world.received).toEqual(["number 1", "number 2"]);
    expect(world.buried).toEqual([
      { id: "x", reason: "TypeError: x has no title", raw: { id: "x" } },
      { id: "y", reason: "TypeError: y has no title", raw: { id: "y" } },
    ]);
    expect(await world.store.get(key)).toBe("2");
    const warning = lines.find(({ message }) => message === "items cannot be mapped and are now dead letters");
    expect(warning?.fields).toMatchObject({ source: "demo/a", items: 2, first: "x" });
    const done = lines.find(({ message }) => message === "run done");
    expect(done?.fields).toMatchObject({ episodes: 2, delivered: 2, buried: 0, skipped: 2, failed: 2 });
  });

  test("keeps the cursor when it cannot be buried", async () => {
    const world = await runOnce([{ episodes: [numberedEpisode(1)], failures: [failed("x")] }], {
      buryFailedItem: () =>
        Promise.reject(new ConnectorsError({ code: "INBOX_UNAVAILABLE", message: "disk full", retryable: true })),
    });
    expect(world.errors).toMatchObject([{ code: "SINK_BURY_FAILED", retryable: true }]);
    expect(await world.store.get(key)).toBeUndefined();
  });

  test("is buried before its page is checkpointed", async () => {
    const order: (string | undefined)[] = [];
    const world = pullWorld({
      sources: { a: sourceOf([{ episodes: [], failures: [failed("x")] }]) },
      buryFailedItem: async () => void order.push(await world.store.get(key)),
    });
    await world.scheduler.start();
    await world.pass(60 * 60_000);
    expect(order).toEqual([undefined]);
    expect(await world.store.get(key)).toBe("1");
  });
});

describe("a broken mapping", () => {
  const twenty = Array.from({ length: 20 }, (_, n) => failed(`item ${n}`));

  test("ends the run with the cursor kept, and nothing of its page is buried", async () => {
    const world = await runOnce([
      { episodes: [numberedEpisode(1)], failures: [failed("before")] },
      { episodes: [numberedEpisode(2)], failures: twenty },
    ]);
    expect(world.buried.map(({ id }) => id)).toEqual(["before"]);
    expect(world.received).toEqual(["number 1"]);
    expect(await world.store.get(key)).toBe("1");
    expect(world.errors).toMatchObject([{ code: "PULL_MAPPING_BROKEN", hint: expect.stringContaining("update the connector") }]);
    expect(world.failures).toEqual(["a sync"]);
  });

  test("names in its error and in the log how many items failed, and the first of them", async () => {
    const { logger, lines } = keepingLogger();
    const pages = Array.from({ length: 40 }, (_, at) => ({
      episodes: [],
      failures: [0, 1, 2, 3, 4].map((n) => failed(`${at}.${n}`)),
    }));
    const world = await runOnce(pages, { logger });
    const named = ["19.0", "19.1", "19.2"].map((id) => `${id} (TypeError: ${id} has no title)`).join(", ");
    const message = `demo/a: 100 items in a row cannot be mapped: ${named} and 2 more on this page`;
    expect(world.errors[0]).toMatchObject({ code: "PULL_MAPPING_BROKEN", message });
    const line = lines.find(({ fields }) => fields?.["not_kept"] !== undefined);
    expect(line).toMatchObject({
      message: "run failed while it read the source",
      fields: { failed: 95, not_kept: 5, pages: 19 },
    });
    expect(world.buried).toHaveLength(95);
    expect(await world.store.get(key)).toBe("19");
  });

  test("buries no first sync in slices, run after run", async () => {
    const pages = Array.from({ length: 200 }, (_, at) => ({
      episodes: [],
      failures: [0, 1, 2, 3, 4].map((n) => failed(`${at}.${n}`)),
    }));
    const world = await runOnce(pages);
    expect(world.buried).toHaveLength(95);
    await world.pass(10 * 60 * 60_000);
    expect(world.errors.length).toBeGreaterThan(5);
    expect(world.buried).toHaveLength(95);
    expect(await world.store.get(key)).toBe("19");
  });

  test("is forgotten once the connector maps again", async () => {
    const pages: unknown[] = [{ episodes: [], failures: twenty }];
    const world = await runOnce(pages);
    pages[0] = { episodes: [numberedEpisode(1)], failures: [failed("x")] };
    await world.pass(60 * 60_000);
    expect(world.received).toEqual(["number 1"]);
    expect(world.buried.map(({ id }) => id)).toEqual(["x"]);
  });
});

test("a run whose account does not balance keeps its cursor", async () => {
  const schedule = parseSchedule("every 1h", { timezone: "UTC", key: "demo/a" });
  const checkpoints: string[] = [];
  const outcome = await runPull({
    pull: {
      key,
      entry: { ...key, schedule, dryRun: false, catchUp: "once", options: {} },
      connectorVersion: "1.0.0",
      source: sourceOf([{ episodes: [numberedEpisode(1), numberedEpisode(2)] }]),
      isTwin: false,
    },
    lease: { source: key, owner: "me", epoch: 1, resumed: false },
    checkpoint: async (_, cursor) => checkpoints.push(cursor) > 0,
    deliver: async () => ({ delivered: 1, buried: 0 }),
    buryFailedItem: async () => undefined,
    clock: new FakeClock(),
    syncTimeoutMs: 60_000,
    observer: silentPullObserver,
    signal: new AbortController().signal,
    endReason: () => undefined,
  });
  expect(outcome).toMatchObject({ type: "failed", error: { code: "PULL_ACCOUNT_WRONG" } });
  expect(checkpoints).toEqual([]);
});

describe("whatever a connector yields", () => {
  test("delivers a page that holds values that are not episodes, and buries each of them", async () => {
    const world = await runOnce([
      { episodes: [numberedEpisode(1), null, { text: "no key" }, { text: "no key either" }, "a", 5, numberedEpisode(2)] },
    ]);
    expect(world.received).toEqual(["number 1", "number 2"]);
    expect(world.buried).toHaveLength(5);
    expect(await world.store.get(key)).toBe("1");
  });

  test.each([undefined, null, {}, { episodes: [], cursor: 1 }, { episodes: [], skipped: { x: "y" } }])(
    "%o is an error of the source that keeps the cursor",
    async (page) => {
      const world = await runOnce([{ episodes: [numberedEpisode(1)] }, page]);
      expect(world.errors).toMatchObject([{ code: "PULL_PAGE_INVALID" }]);
      expect(world.failures).toEqual(["a sync"]);
      expect(await world.store.get(key)).toBe("1");
    },
  );

  test("a cursor larger than a store keeps ends the run before anything of its page is delivered", async () => {
    const cursor = "x".repeat(1024 * 1024 + 1);
    const world = await runOnce([
      { episodes: [numberedEpisode(1)] },
      { episodes: [numberedEpisode(2)], failures: [failed("x")], cursor },
    ]);
    const message =
      "the connector of demo/a yielded something that is not a page: its cursor has 1048577 bytes, at most 1048576 are stored";
    expect(world.errors).toMatchObject([{ code: "PULL_PAGE_INVALID", message, retryable: false }]);
    expect(world.received).toEqual(["number 1"]);
    expect(world.buried).toEqual([]);
    expect(await world.store.get(key)).toBe("1");
    await world.pass(5 * 60 * 60_000);
    expect(world.received).toEqual(["number 1"]);
  });

  test.each([undefined, null, [{ episodes: [] }], "pages"])(
    "%o in the place of its pages is an error of the source",
    async (pages) => {
      const world = pullWorld({ sources: { a: { pages: () => pages as never } } });
      await world.scheduler.start();
      await world.pass(60 * 60_000);
      expect(world.errors).toMatchObject([{ code: "PULL_PAGE_INVALID", message: expect.stringContaining("from pages()") }]);
    },
  );

  test("a source that yields nothing without an end is ended", async () => {
    let pages = 0;
    const endless: PullSource = {
      async *pages() {
        for (;;) {
          pages += 1;
          yield { episodes: [] };
        }
      },
    };
    const world = pullWorld({ sources: { a: endless } });
    await world.scheduler.start();
    await world.pass(60 * 60_000);
    expect(world.errors).toMatchObject([{ code: "PULL_NO_PROGRESS", hint: expect.any(String) }]);
    expect(pages).toBeLessThan(20_000);
  });
});
