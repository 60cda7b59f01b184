import { parseSchedule } from "@statewave-connectors/config";
import type { Page } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it, test } from "vitest";

import { silentPullObserver } from "../../src/pull/pull-observer.ts";
import { type EndReason, runPull } from "../../src/pull/run-pull.ts";
import { numberedEpisode } from "./pull-fixture.ts";

interface RunOptions {
  readonly syncTimeoutMs?: number;
  readonly maxItems?: number;
  readonly isDryRun?: boolean;
  readonly onCheckpoint?: (cursor: string) => void;
  readonly endReason?: () => EndReason | undefined;
}

/** Runs a source that yields these pages for ever, each after a second. */
async function runPages(page: (at: number) => Page, options: RunOptions = {}) {
  const { syncTimeoutMs = 3_600_000, maxItems, isDryRun = false, onCheckpoint, endReason = () => undefined } = options;
  const clock = new FakeClock();
  const key = { kind: "demo", name: "numbers" };
  let pages = 0;
  const outcome = await runPull({
    pull: {
      key,
      entry: {
        ...key,
        schedule: parseSchedule("every 1h", { timezone: "UTC", key: "demo/numbers" }),
        dryRun: false,
        catchUp: "once",
        options: {},
        ...(maxItems === undefined ? {} : { maxItems }),
      },
      connectorVersion: "1.0.0",
      source: {
        async *pages() {
          for (; pages < 1_000; pages += 1) {
            await clock.advance(1_000);
            yield page(pages);
          }
        },
      },
      isTwin: false,
    },
    lease: { source: key, owner: "me", epoch: 1, resumed: false },
    isDryRun,
    checkpoint: async (_, cursor) => {
      onCheckpoint?.(cursor);
      return true;
    },
    deliver: async ({ episodes }) => {
      // The sink may take its time.
      await clock.advance(10_000);
      return { delivered: episodes.length, buried: 0 };
    },
    buryFailedItem: async () => undefined,
    clock,
    syncTimeoutMs,
    observer: silentPullObserver,
    signal: new AbortController().signal,
    endReason,
  });
  return { outcome, pages };
}

describe("max_items", () => {
  it("ends a run only after a page with a cursor, where the next one resumes", async () => {
    const checkpoints: (string | undefined)[] = [];
    const surplus = { episodes: [numberedEpisode(1)] };
    const pages = [surplus, { episodes: [numberedEpisode(2)], cursor: "2" }, { episodes: [numberedEpisode(3)], cursor: "3" }];
    const { outcome, pages: read } = await runPages((at) => pages[at] ?? surplus, {
      maxItems: 1,
      onCheckpoint: (cursor) => checkpoints.push(cursor),
    });
    expect(outcome).toMatchObject({ type: "partial", reason: "max_items" });
    expect([read, checkpoints]).toEqual([1, ["2"]]);
  });

  it("ends a dry run after any page, because no run resumes it", async () => {
    const { outcome, pages: read } = await runPages((at) => ({ episodes: [numberedEpisode(at)] }), {
      maxItems: 3,
      isDryRun: true,
    });
    expect(outcome).toMatchObject({ type: "partial", report: { episodes: 3 } });
    expect(read).toBe(2);
  });
});

test.each(["stopping", "reloaded", "paused"] as const)(
  "says that it ended for %s where max_items could not end it",
  async (reason) => {
    const { outcome } = await runPages((at) => ({ episodes: [numberedEpisode(at)] }), { maxItems: 1, endReason: () => reason });

    expect(outcome).toMatchObject({ type: "partial", reason });
  },
);

describe("a run of a source that never ends", () => {
  const repeated = { episodes: [numberedEpisode(1), numberedEpisode(2)], cursor: "same" };

  it("ends when its pages bring only what it has yielded before", async () => {
    const { outcome, pages } = await runPages(() => repeated);

    expect(outcome).toMatchObject({ type: "failed", phase: "sync", error: { code: "PULL_NO_PROGRESS", retryable: false } });
    expect(pages).toBeLessThan(30);
  });

  it("ends when it makes no progress within sync_timeout, whose time such pages do not renew", async () => {
    const { outcome, pages } = await runPages(() => repeated, { syncTimeoutMs: 5_000 });

    expect(outcome).toMatchObject({ type: "failed", error: { code: "PULL_NO_PROGRESS" } });
    expect(pages).toBeLessThan(8);
  });

  it("continues while its pages hold something new", async () => {
    const { outcome, pages } = await runPages((at) => ({ episodes: [numberedEpisode(at)], cursor: "same" }), {
      syncTimeoutMs: 5_000,
    });

    expect(outcome.type).toBe("done");
    expect(pages).toBe(1_000);
  });
});
