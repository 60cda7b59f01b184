import { expect } from "vitest";
import type { RecordWriteResult } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { create, rejectionCode, versionOf } from "./record-steps.ts";
import { required } from "../required.ts";

const writers = Array.from({ length: 50 }, (_, index) => `writer ${index}`);

/** Compare-and-set: which writes are stored, and what they answer. */
export const recordWriteCases: readonly CursorStoreCase[] = [
  {
    title: "keeps records, as it declares",
    holdsFor: ({ records }) => records === true,
    async run(harness) {
      expect(harness.store.records).toBeDefined();
    },
  },
  {
    title: "holds no record at first",
    needs: "records",
    async run({ records }) {
      expect(await records.get("sink", "main")).toBeUndefined();
      expect(await records.list("sink")).toEqual([]);
      expect(await records.scopes()).toEqual([]);
    },
  },
  {
    title: "stores a record and returns it with its version",
    needs: "records",
    async run({ records }) {
      const version = await create(records, { key: "main", value: "here" });
      expect(Number.isSafeInteger(version) && version > 0).toBe(true);
      expect(await records.get("sink", "main")).toEqual({ scope: "sink", key: "main", value: "here", version });
    },
  },
  {
    title: "writes over the expected version only, and returns the stored record otherwise",
    needs: "records",
    async run({ records }) {
      const first = await create(records, { key: "main", value: "one" });
      const current = { scope: "sink", key: "main", value: "one", version: first };
      for (const expectedVersion of [0, first + 1, first + 1_000]) {
        const refused = await records.compareAndSet({ scope: "sink", key: "main", value: "two", expectedVersion });
        expect(refused).toEqual({ stored: false, current });
      }
      const second = await records.compareAndSet({ scope: "sink", key: "main", value: "two", expectedVersion: first });
      expect(versionOf(second)).not.toBe(first);
      expect(await records.get("sink", "main")).toMatchObject({ value: "two", version: versionOf(second) });
    },
  },
  {
    title: "refuses to write or delete a record that does not exist, and names none as stored",
    needs: "records",
    async run({ records }) {
      for (const value of ["x", undefined]) {
        expect(await records.compareAndSet({ scope: "sink", key: "none", value, expectedVersion: 7 })).toEqual({ stored: false });
      }
      expect(await records.get("sink", "none")).toBeUndefined();
    },
  },
  {
    title: "deletes the expected version only",
    needs: "records",
    async run({ records }) {
      const version = await create(records, { key: "main" });
      await create(records, { key: "other" });
      expect(await records.compareAndSet({ scope: "sink", key: "main", expectedVersion: version + 1_000 })).toMatchObject({
        stored: false,
        current: { version },
      });
      const deleted = await records.compareAndSet({ scope: "sink", key: "main", expectedVersion: version });
      expect(deleted).toEqual({ stored: true, version: 0 });
      expect(await records.get("sink", "main")).toBeUndefined();
      expect(await records.get("sink", "other")).toBeDefined();
      expect((await records.list("sink")).map(({ key }) => key)).toEqual(["other"]);
    },
  },
  {
    title: "gives no key the same version twice, not even after a delete",
    needs: "records",
    async run({ records }) {
      const versions: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const version = await create(records, { key: "main", value: "same" });
        const written = await records.compareAndSet({ scope: "sink", key: "main", value: "same", expectedVersion: version });
        versions.push(version, versionOf(written));
        await records.compareAndSet({ scope: "sink", key: "main", expectedVersion: versionOf(written) });
      }
      expect(new Set(versions).size).toBe(10);
    },
  },
  {
    title: "gives no key a version again after it is opened again",
    needs: "records",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      const versions: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const version = await create(harness.records, { key: "main" });
        versions.push(version);
        await harness.records.compareAndSet({ scope: "sink", key: "main", expectedVersion: version });
        await harness.reopen();
      }
      expect(new Set(versions).size).toBe(4);
    },
  },
  {
    title: "lets one of 50 writers create a record at the same moment, and shows its value to the others",
    needs: "records",
    async run({ records }) {
      const results = await Promise.all(
        writers.map((value) => records.compareAndSet({ scope: "sink", key: "main", value, expectedVersion: 0 })),
      );
      expectOneWinner(results);
      const record = await records.get("sink", "main");
      expect(results.find(({ stored }) => stored)).toMatchObject({ version: record?.version });
    },
  },
  {
    title: "lets one of 50 writers replace or delete a version at the same moment",
    needs: "records",
    async run({ records }) {
      const version = await create(records, { key: "main" });
      const results = await Promise.all(
        writers.map((text, index) => {
          const value = index % 5 === 0 ? undefined : text;
          return records.compareAndSet({ scope: "sink", key: "main", value, expectedVersion: version });
        }),
      );
      expectOneWinner(results);
    },
  },
  {
    title: "loses no increment of a counter that several openers raise at the same moment",
    needs: "records",
    holdsFor: ({ shared }) => shared,
    async run(harness) {
      const openers = [harness.store, await harness.open(), await harness.open()];
      await create(harness.records, { key: "counter", value: "0" });
      await Promise.all(
        openers.map(async (opener) => {
          const records = required(opener.records, "records");
          for (let left = 10, attempts = 0; left > 0; attempts += 1) {
            expect(attempts).toBeLessThan(1_000);
            const { value, version } = required(await records.get("sink", "counter"), "sink counter");
            const next = { scope: "sink", key: "counter", value: String(Number(value) + 1), expectedVersion: version };
            if ((await records.compareAndSet(next)).stored) left -= 1;
          }
        }),
      );
      expect((await harness.records.get("sink", "counter"))?.value).toBe("30");
    },
  },
  {
    title: "leaves sources alone: no record is a cursor, and no cursor a record",
    needs: "records",
    async run(harness) {
      await harness.store.set(harness.source, "here");
      await create(harness.records, { scope: "github", key: "main", value: "a record" });
      await create(harness.records, { scope: "github/main", key: "cursor", value: "a record" });
      expect((await harness.store.list()).map(({ source }) => source)).toEqual([harness.source]);
      expect(await harness.store.delete(harness.source)).toBe(true);
      expect(await harness.store.list()).toEqual([]);
      expect(await harness.records.scopes()).toEqual(["github", "github/main"]);
    },
  },
  {
    title: "throws STORE_CLOSED from every call on records after close",
    needs: "records",
    async run({ store, records }) {
      await store.close();
      const calls = {
        get: () => records.get("sink", "main"),
        compareAndSet: () => records.compareAndSet({ scope: "sink", key: "main", value: "x", expectedVersion: 0 }),
        list: () => records.list("sink"),
        scopes: () => records.scopes(),
      };
      const codes = await Promise.all(Object.entries(calls).map(async ([name, call]) => [name, await rejectionCode(call)]));
      expect(codes).toEqual(Object.keys(calls).map((name) => [name, "STORE_CLOSED"]));
    },
  },
];

function expectOneWinner(results: readonly RecordWriteResult[]): void {
  expect(results.filter(({ stored }) => stored)).toHaveLength(1);
}
