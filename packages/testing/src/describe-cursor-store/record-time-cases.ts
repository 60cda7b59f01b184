import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { create, versionOf } from "./record-steps.ts";
import { itemAt, required } from "../required.ts";

/** Times to live, closing and opening again. */
export const recordTimeCases: readonly CursorStoreCase[] = [
  {
    title: "says when a record expires, and holds it until then",
    needs: "records",
    async run(harness) {
      await create(harness.records, { key: "long", ttlMs: harness.time.longMs });
      const record = required(await harness.records.get("sink", "long"), "sink long");
      harness.expectRemaining(required(record.expiresAtMs, "expiresAtMs") - harness.time.now(), harness.time.longMs);
      await harness.time.pass(harness.time.shortMs);
      expect(await harness.records.get("sink", "long")).toEqual(record);
    },
  },
  {
    title: "is without a record from the moment it expires: for reads, lists and writes",
    needs: "records",
    async run(harness) {
      const version = await create(harness.records, { key: "short", ttlMs: harness.time.shortMs });
      await create(harness.records, { key: "stays" });
      await harness.time.pass(harness.time.shortMs);
      expect(await harness.records.get("sink", "short")).toBeUndefined();
      expect((await harness.records.list("sink")).map(({ key }) => key)).toEqual(["stays"]);
      for (const value of ["late", undefined]) {
        const late = await harness.records.compareAndSet({ scope: "sink", key: "short", value, expectedVersion: version });
        expect(late).toEqual({ stored: false });
      }
      expect(await create(harness.records, { key: "short", value: "new" })).not.toBe(version);
      expect(await harness.records.get("sink", "short")).toMatchObject({ value: "new" });
    },
  },
  {
    title: "counts expired records in no page and against no limit of a page",
    needs: "records",
    async run(harness) {
      for (const key of ["a", "b", "c"]) await create(harness.records, { key, ttlMs: harness.time.shortMs });
      for (const key of ["d", "e"]) await create(harness.records, { key });
      await harness.time.pass(harness.time.shortMs);
      expect((await harness.records.list("sink", { limit: 2 })).map(({ key }) => key)).toEqual(["d", "e"]);
    },
  },
  {
    title: "goes by the ttl of the latest write: a longer one, or none",
    needs: "records",
    async run(harness) {
      const { records, time } = harness;
      for (const [key, ttlMs] of [
        ["longer", time.longMs],
        ["never", undefined],
      ] as const) {
        const version = await create(records, { key, ttlMs: time.shortMs * 2 });
        const renewed = await records.compareAndSet({ scope: "sink", key, value: "y", expectedVersion: version, ttlMs });
        expect(versionOf(renewed)).not.toBe(version);
      }
      await time.pass(time.shortMs * 2);
      expect((await records.get("sink", "longer"))?.value).toBe("y");
      const never = await records.get("sink", "never");
      expect(never?.value).toBe("y");
      expect(never).not.toHaveProperty("expiresAtMs");
    },
  },
  {
    title: "holds a record to the last millisecond",
    needs: "records",
    holdsFor: ({ clock }) => clock === "injected",
    async run({ records, time }) {
      await create(records, { key: "k", ttlMs: 30_000 });
      await time.pass(29_999);
      expect(await records.get("sink", "k")).toBeDefined();
      await time.pass(1);
      expect(await records.get("sink", "k")).toBeUndefined();
    },
  },
  {
    title: "removes expired records as others are written, so that a store does not grow for ever",
    needs: "records",
    async run(harness) {
      for (let index = 0; index < 30; index += 1) {
        await create(harness.records, { scope: "gone", key: `${index}`, ttlMs: harness.time.shortMs });
      }
      await harness.time.pass(harness.time.shortMs);
      for (let index = 0; index < 100; index += 1) await create(harness.records, { scope: "live", key: `${index}` });
      expect(await harness.records.scopes()).toEqual(["live"]);
      expect(await harness.records.list("live")).toHaveLength(100);
    },
  },
  {
    title: "knows records, their versions and their times after it is opened again",
    needs: "records",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      await create(harness.records, { key: "a", value: "Grüße 👋\n" });
      await create(harness.records, { key: "b", ttlMs: harness.time.longMs });
      const deleted = await create(harness.records, { key: "c" });
      await harness.records.compareAndSet({ scope: "sink", key: "c", expectedVersion: deleted });
      await create(harness.records, { scope: "other", key: "a", ttlMs: harness.time.shortMs });
      const before = await harness.records.list("sink");
      await harness.reopen();
      expect(await harness.records.list("sink")).toEqual(before);
      expect(before.map(({ key }) => key)).toEqual(["a", "b"]);
      await harness.time.pass(harness.time.shortMs);
      expect(await harness.records.get("other", "a")).toBeUndefined();
      const next = { scope: "sink", key: "a", value: "next", expectedVersion: itemAt(before, 0).version };
      expect((await harness.records.compareAndSet(next)).stored).toBe(true);
    },
  },
  {
    title: "finishes a write of a record that is in progress when it is closed",
    needs: "records",
    async run(harness) {
      const written = create(harness.records, { key: "last", value: "word" });
      const closed = harness.store.close();
      expect(await written).toBeGreaterThan(0);
      await closed;
      if (!harness.capabilities.persistent) return;
      await harness.reopen();
      expect((await harness.records.get("sink", "last"))?.value).toBe("word");
    },
  },
  {
    title: "holds no record after it is opened again",
    needs: "records",
    holdsFor: ({ persistent }) => !persistent,
    async run(harness) {
      await create(harness.records, { key: "a" });
      await harness.reopen();
      expect(await harness.records.scopes()).toEqual([]);
    },
  },
  {
    title: "shows each of two openers at once which records the other writes",
    needs: "records",
    holdsFor: ({ shared }) => shared,
    async run(harness) {
      const other = required((await harness.open()).records, "records");
      const version = await create(harness.records, { key: "a", value: "here" });
      for (const records of [harness.records, other]) {
        expect(await records.get("sink", "a")).toMatchObject({ value: "here", version });
      }
      const there = await other.compareAndSet({ scope: "sink", key: "a", value: "there", expectedVersion: version });
      expect(await harness.records.get("sink", "a")).toMatchObject({ value: "there", version: versionOf(there) });
      expect(await harness.records.list("sink")).toEqual(await other.list("sink"));
    },
  },
];
