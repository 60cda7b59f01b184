import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { describe, expect, test } from "vitest";
import { SinkBinding } from "../../src/sink-binding/sink-binding.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { keepingLogger } from "../health/logging.ts";

const repo: SourceKey = { kind: "github", name: "repo" };
const docs: SourceKey = { kind: "markdown", name: "docs" };
const first = { fingerprint: "1", label: "http://first" };
const second = { fingerprint: "2", label: "http://second" };

async function bound(store: CursorStore, sink = first, sources: readonly SourceKey[] = [repo, docs]) {
  const { logger, lines } = keepingLogger();
  const binding = await SinkBinding.open({ store, sink, sources, logger });
  const warnings = () => lines.filter(({ level }) => level === "warn");
  return { binding, warnings };
}

/** A run of `source` under `sink` that checkpoints `cursor`. */
async function run(store: CursorStore, sink: typeof first, source: SourceKey, cursor: string, acknowledged = true) {
  const { binding } = await bound(store, sink);
  await binding.beforeCheckpoint(source, { hadCursor: (await store.get(source)) !== undefined, acknowledged });
  await store.set(source, cursor);
}

async function foreignUnder(store: CursorStore, sink: typeof first) {
  const { binding } = await bound(store, sink);
  binding.report(await store.list());
  return binding.foreign;
}

describe("a cursor", () => {
  test("belongs to the first sink that acknowledges, also one of an older release", async () => {
    const store = new InMemoryPullCursorStore();
    await store.set(repo, "of an older release");
    expect(await foreignUnder(store, first)).toEqual([]);
    await run(store, first, docs, "1");
    expect(await foreignUnder(store, first)).toEqual([]);
    expect((await foreignUnder(store, second)).map(({ source }) => source)).toEqual(["github/repo", "markdown/docs"]);
  });

  test("is taken by no sink that acknowledged nothing", async () => {
    const store = new InMemoryPullCursorStore();
    await store.set(repo, "of an older release");
    await run(store, second, repo, "nothing new", false);
    await run(store, first, repo, "1");
    expect(await foreignUnder(store, first)).toEqual([]);
  });

  test("that began under another sink belongs to that one", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, second, docs, "1", false);
    expect((await foreignUnder(store, second)).map(({ source }) => source)).toEqual(["github/repo"]);
    expect((await foreignUnder(store, first)).map(({ source }) => source)).toEqual(["markdown/docs"]);
  });

  test("that moved on under two sinks is foreign to both", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, second, repo, "2");
    expect(await foreignUnder(store, first)).toEqual([{ source: "github/repo", sinks: ["http://second"] }]);
    expect(await foreignUnder(store, second)).toEqual([{ source: "github/repo", sinks: ["http://first"] }]);
  });

  test("costs one write with the first checkpoint, and none with those that follow", async () => {
    const store = new InMemoryPullCursorStore();
    let writes = 0;
    const compareAndSet = store.records.compareAndSet.bind(store.records);
    Object.assign(store.records, {
      compareAndSet: (...args: Parameters<typeof compareAndSet>) => (writes++, compareAndSet(...args)),
    });
    const { binding } = await bound(store);
    for (let page = 0; page < 100; page += 1) {
      for (const source of [repo, docs]) await binding.beforeCheckpoint(source, { hadCursor: page > 0, acknowledged: true });
    }
    expect(writes).toBe(1);
  });

  test("of the first sink stays that when two processes are the first at once", async () => {
    const store = new InMemoryPullCursorStore();
    const { binding: one } = await bound(store, first);
    const { binding: other } = await bound(store, second);
    const facts = { hadCursor: false, acknowledged: true };
    await Promise.all([one.beforeCheckpoint(repo, facts), other.beforeCheckpoint(docs, facts)]);
    await store.set(repo, "1");
    expect(await foreignUnder(store, first)).toEqual([]);
  });
});

describe("adopt", () => {
  test("of one source leaves the others", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, first, docs, "1");
    const { binding } = await bound(store, second);
    expect(await binding.adopt([repo])).toEqual({ sink: "http://second", sources: ["github/repo"] });
    expect(binding.foreign.map(({ source }) => source)).toEqual(["markdown/docs"]);
    expect(await binding.adopt("all")).toEqual({ sink: "http://second", sources: ["markdown/docs"] });
    expect(binding.foreign).toEqual([]);
    expect(await store.get(repo)).toBe("1");
  });

  test.each([["all" as const], [[repo]]])(
    "of %j stays when another process, which read the records before, moves on",
    async (chosen) => {
      const store = new InMemoryPullCursorStore();
      await run(store, first, repo, "1");
      const { binding: other } = await bound(store, second);
      const { binding } = await bound(store, second);
      await binding.adopt(chosen);
      await other.beforeCheckpoint(repo, { hadCursor: true, acknowledged: true });
      await store.set(repo, "2");
      expect(await foreignUnder(store, second)).toEqual([]);
      expect(await foreignUnder(store, first)).toEqual([{ source: "github/repo", sinks: ["http://second"] }]);
    },
  );

  test("of an unknown source is refused", async () => {
    const { binding } = await bound(new InMemoryPullCursorStore());
    await expect(binding.adopt([{ kind: "github", name: "typo" }])).rejects.toMatchObject({ code: "RUNNER_ENTRY_UNKNOWN" });
    await expect(binding.reset([{ kind: "github", name: "typo" }])).rejects.toMatchObject({ code: "RUNNER_ENTRY_UNKNOWN" });
  });

  test("fails when other processes change the record before each attempt, and reports no success", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    const { records } = store;
    const compareAndSet = records.compareAndSet.bind(records);
    records.compareAndSet = async (write) => {
      const current = await records.get(write.scope, write.key);
      await compareAndSet({ ...write, value: "changed by another process", expectedVersion: current?.version ?? 0 });
      return compareAndSet(write);
    };
    const { binding } = await bound(store, second);
    await expect(binding.adopt([repo])).rejects.toMatchObject({ code: "STORE_RECORD_CONTENDED" });
  });
});

describe("reset", () => {
  test("of one source leaves the others, and its next cursor belongs to the configured sink", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, first, docs, "1");
    const { binding } = await bound(store, second);
    expect(await binding.reset([repo])).toEqual({ sink: "http://second", sources: ["github/repo"] });
    expect(await store.get(repo)).toBeUndefined();
    expect(binding.foreign.map(({ source }) => source)).toEqual(["markdown/docs"]);
    await run(store, second, repo, "1");
    expect((await foreignUnder(store, second)).map(({ source }) => source)).toEqual(["markdown/docs"]);
  });

  test("of all leaves the cursors of sources that are not configured, and to whom they belong", async () => {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, first, docs, "1");
    const { binding } = await bound(store, second, [repo]);
    expect(await binding.reset("all")).toEqual({ sink: "http://second", sources: ["github/repo"] });
    expect(await store.get(docs)).toBe("1");
    expect((await foreignUnder(store, second)).map(({ source }) => source)).toEqual(["markdown/docs"]);
  });
});

describe("a source that refuses its reset", () => {
  const contended = new ConnectorsError({
    code: "STORE_RECORD_CONTENDED",
    message: "another process was faster",
    hint: "run it again",
  });

  async function refusing(error: ConnectorsError) {
    const store = new InMemoryPullCursorStore();
    await run(store, first, repo, "1");
    await run(store, first, docs, "1");
    const { binding } = await bound(store, second);
    const around = async (source: SourceKey, _cursor: string, forget: () => Promise<boolean>) => {
      if (source.kind === repo.kind) throw error;
      return forget();
    };
    return { store, binding, around };
  }

  test("does not keep the others from theirs, and stays bound to the earlier sink", async () => {
    const { store, binding, around } = await refusing(contended);
    const { code, message, hint } = contended;
    const refused = [{ source: "github/repo", code, message, hint }];
    expect(await binding.reset("all", around)).toEqual({ sink: "http://second", sources: ["markdown/docs"], refused });
    expect([await store.get(repo), await store.get(docs)]).toEqual(["1", undefined]);
    expect((await foreignUnder(store, second)).map(({ source }) => source)).toEqual(["github/repo"]);
    expect((await binding.reset("all")).sources).toEqual(["github/repo"]);
    expect(await foreignUnder(store, second)).toEqual([]);
  });

  test("is the error where it alone was named", async () => {
    const { binding, around } = await refusing(contended);
    await expect(binding.reset([repo, docs], around)).rejects.toBe(contended);
  });

  test("ends the reset of all when the store does not answer", async () => {
    const error = new ConnectorsError({ code: "STORE_UNAVAILABLE", message: "no answer", hint: "start it", retryable: true });
    const { binding, around } = await refusing(error);
    await expect(binding.reset("all", around)).rejects.toBe(error);
  });
});

test("a reset of all marks no source as foreign that runs before the others are deleted", async () => {
  const store = new InMemoryPullCursorStore();
  await run(store, first, repo, "1");
  await run(store, first, docs, "1");
  const { binding: runner } = await bound(store, second);
  const { binding } = await bound(store, second);
  const deleteCursor = store.delete.bind(store);
  store.delete = async (source) => {
    const deleted = await deleteCursor(source);
    if (source.kind === repo.kind) {
      await runner.beforeCheckpoint(repo, { hadCursor: false, acknowledged: true });
      await store.set(repo, "1");
    }
    return deleted;
  };
  expect((await binding.reset("all")).sources).toEqual(["github/repo", "markdown/docs"]);
  expect(binding.foreign).toEqual([]);
  expect(await foreignUnder(store, second)).toEqual([]);
});

test("a store without records is used without them, which is logged once", async () => {
  const store = new InMemoryPullCursorStore();
  Object.assign(store, { records: undefined });
  const { binding, warnings } = await bound(store);
  await binding.beforeCheckpoint(repo, { hadCursor: false, acknowledged: true });
  binding.report(await store.list());
  expect(warnings()).toHaveLength(1);
  expect(await binding.reset("all")).toEqual({ sink: "http://first", sources: [] });
  await expect(binding.adopt("all")).rejects.toMatchObject({ code: "STORE_RECORDS_MISSING" });
});
