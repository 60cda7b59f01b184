import { expect } from "vitest";
import { type RecordQuery, recordLimits, type RecordWrite } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { create, rejectionCode, versionOf } from "./record-steps.ts";
import { required } from "../required.ts";

const oddKeys: readonly string[] = [
  " ",
  "a\nb\r\n\tc",
  "__proto__",
  "constructor",
  "github/main: 12",
  "\u0001\u001F\u007F\u0085\u2028",
  "e\u0301",
  "\u00E9",
  "👩‍👩‍👧‍👦",
  "\uFFFF\u{10FFFF}",
  "%s $1 ${x} ' \" ` ; DROP TABLE records; --",
  "世".repeat(341),
  "x".repeat(recordLimits.keyBytes),
];

const oddValues: readonly string[] = [
  "",
  " ",
  "null",
  '{ "b": 12345678901234567890, "a": 1.0, "b": 2 }',
  "1:2:3",
  "a\nb\r\n\tc\\d'e\"f`g\u0001\u007F",
  "\u2028\u2029\uFEFF\uFFFF",
  "Grüße, 世界, e\u0301, 👩‍👩‍👧‍👦, 𝕏",
  "x".repeat(recordLimits.valueBytes),
  "世".repeat(recordLimits.valueBytes / 4),
];

const invalidNames = [
  { scope: "", key: "k" },
  { scope: "Sink", key: "k" },
  { scope: "a b", key: "k" },
  { scope: "/a", key: "k" },
  { scope: "ä", key: "k" },
  { scope: "a\0b", key: "k" },
  { scope: "a\n", key: "k" },
  { scope: "x".repeat(recordLimits.scopeLength + 1), key: "k" },
  { scope: "sink", key: "" },
  { scope: "sink", key: "a\0b" },
  { scope: "sink", key: "half \uD800 a pair" },
  { scope: "sink", key: "x".repeat(recordLimits.keyBytes + 1) },
  { scope: "sink", key: "世".repeat(342) },
] as const;

const invalidWrites: readonly Partial<RecordWrite>[] = [
  ...invalidNames,
  { value: "a\0b" },
  { value: "half \uDC00 a pair" },
  { expectedVersion: -1 },
  { expectedVersion: 0.5 },
  { expectedVersion: Number.NaN },
  { expectedVersion: 2 ** 53 },
  { ttlMs: 0 },
  { ttlMs: -1 },
  { ttlMs: Number.NaN },
  { ttlMs: Number.POSITIVE_INFINITY },
  { value: undefined, expectedVersion: 0 },
];

const invalidPages: readonly RecordQuery[] = [
  { limit: 0 },
  { limit: -1 },
  { limit: 1.5 },
  { limit: recordLimits.perList + 1 },
  { prefix: "a\0b" },
  { after: "\uD800" },
  { prefix: "x".repeat(recordLimits.keyBytes + 1) },
];

/** What fits, to the last character, and what does not. */
export const recordBoundCases: readonly CursorStoreCase[] = [
  {
    title: "keeps keys and values of records to the last character: any script, control characters, the longest ones",
    needs: "records",
    async run({ records }) {
      const scope = "s".repeat(recordLimits.scopeLength);
      for (const key of oddKeys) await create(records, { scope, key, value: `value of ${key}` });
      for (const key of oddKeys) expect((await records.get(scope, key))?.value).toBe(`value of ${key}`);
      expect(new Set((await records.list(scope)).map(({ key }) => key))).toEqual(new Set(oddKeys));
      for (const [index, value] of oddValues.entries()) {
        await create(records, { key: `${index}`, value });
        expect((await records.get("sink", `${index}`))?.value === value).toBe(true);
      }
    },
  },
  {
    title: "refuses scopes, keys, values, versions and ttls of records that not every store can keep, and changes nothing",
    needs: "records",
    async run({ records }) {
      await create(records, { scope: "ok", key: "k" });
      for (const write of invalidWrites) {
        const call = () => records.compareAndSet({ scope: "sink", key: "k", value: "x", expectedVersion: 0, ...write });
        expect(await rejectionCode(call), JSON.stringify(write).slice(0, 100)).toBe("STORE_RECORD_INVALID");
      }
      for (const { scope, key } of invalidNames) {
        expect(await rejectionCode(() => records.get(scope, key)), scope).toBe("STORE_RECORD_INVALID");
        if (scope !== "sink") expect(await rejectionCode(() => records.list(scope)), scope).toBe("STORE_RECORD_INVALID");
      }
      expect(await records.scopes()).toEqual(["ok"]);
    },
  },
  {
    title: "refuses a page of records that is too large or names what no key can be",
    needs: "records",
    async run({ records }) {
      for (const query of invalidPages) {
        expect(await rejectionCode(() => records.list("sink", query)), JSON.stringify(query).slice(0, 100)).toBe(
          "STORE_RECORD_INVALID",
        );
        expect(await rejectionCode(() => records.scopes(query)), JSON.stringify(query).slice(0, 100)).toBe(
          "STORE_RECORD_INVALID",
        );
      }
    },
  },
  {
    title: "refuses a value of one byte more than a record may have, counted as UTF-8",
    needs: "records",
    async run({ records }) {
      const version = await create(records, { key: "k" });
      for (const value of ["x".repeat(recordLimits.valueBytes + 1), "世".repeat(recordLimits.valueBytes / 3 + 1)]) {
        const call = () => records.compareAndSet({ scope: "sink", key: "k", value, expectedVersion: version });
        expect(await rejectionCode(call)).toBe("STORE_RECORD_TOO_LARGE");
      }
      expect(await records.get("sink", "k")).toMatchObject({ value: "x", version });
    },
  },
  {
    title: "holds a full scope of records, refuses one more, and takes it when one was deleted",
    needs: "records",
    async run(harness) {
      const { records } = harness;
      await harness.fillScope(
        "sink",
        Array.from({ length: recordLimits.perScope }, (_, index) => `${index}`),
      );
      expect(await rejectionCode(() => create(records, { key: "one more" }))).toBe("STORE_RECORD_SCOPE_FULL");
      await create(records, { scope: "other", key: "one more" });
      const { version } = required(await records.get("sink", "77"), "sink 77");
      const rewritten = await records.compareAndSet({ scope: "sink", key: "77", value: "y", expectedVersion: version });
      expect(await rejectionCode(() => create(records, { key: "one more" }))).toBe("STORE_RECORD_SCOPE_FULL");
      await records.compareAndSet({ scope: "sink", key: "77", expectedVersion: versionOf(rewritten) });
      await create(records, { key: "one more" });
    },
  },
];
