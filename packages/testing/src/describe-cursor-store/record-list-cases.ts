import { expect } from "vitest";
import { recordLimits, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { create, inGroups } from "./record-steps.ts";
import { itemAt, required } from "../required.ts";

/** In the order of their code points, which is not the order of their UTF-16 units: the last two change places there. */
const orderedKeys = ["%", "*", "A", "Z", "[a]", "\\", "_", "a", "a%", "a/b", "a_", "ab", "b", "ä", "世", "\uFF5E", "\u{1F600}"];

const pairsNearlyTheSame = [
  ["a", "b/c"],
  ["a/b", "c"],
  ["a/b/c", "c"],
  ["a.b", "c"],
  ["a_b", "c"],
  ["a-b", "c"],
  ["a", "b.c"],
  ["a", "B.c"],
  ["a", "b:c"],
  ["a", " b:c"],
  ["a", "b:c "],
] as const;

/** Lists, prefixes and pages. */
export const recordListCases: readonly CursorStoreCase[] = [
  {
    title: "lists the records of a scope by key, in the order of code points",
    needs: "records",
    async run({ records, random }) {
      const shuffled = orderedKeys.map((key) => ({ key, at: random() })).toSorted((left, right) => left.at - right.at);
      for (const { key } of shuffled) await create(records, { key, value: `value of ${key}` });
      await create(records, { scope: "other", key: "a" });
      const listed = await records.list("sink");
      expect(listed.map(({ key }) => key)).toEqual(orderedKeys);
      for (const record of listed) expect(record).toEqual(await records.get("sink", record.key));
      expect(listed[0]).toMatchObject({ scope: "sink", value: "value of %" });
    },
  },
  {
    title: "takes a prefix to the letter: no pattern, no folding, to the last code point",
    needs: "records",
    async run({ records }) {
      for (const key of [...orderedKeys, "a\u{10FFFF}", "a\u{10FFFF}b"]) await create(records, { key });
      for (const prefix of [
        "",
        "a",
        "a%",
        "a_",
        "A",
        "[",
        "[a]",
        "*",
        "\\",
        "%",
        "_",
        "ab",
        "abc",
        "a\u{10FFFF}",
        "世",
        "\u{1F600}",
      ]) {
        const expected = [...orderedKeys, "a\u{10FFFF}", "a\u{10FFFF}b"].filter((key) => key.startsWith(prefix));
        const listed = (await records.list("sink", { prefix })).map(({ key }) => key);
        expect(new Set(listed), `prefix ${prefix}`).toEqual(new Set(expected));
      }
    },
  },
  {
    title: "lists in pages of any size, without gaps or repeats, also after a key that is gone",
    needs: "records",
    async run({ records }) {
      for (const key of orderedKeys) await create(records, { key });
      for (const limit of [1, 3, orderedKeys.length, 1_000]) {
        expect(await keysByPage(records, limit)).toEqual(orderedKeys);
      }
      expect((await records.list("sink", { after: "a0", limit: 2 })).map(({ key }) => key)).toEqual(["a_", "ab"]);
      expect((await records.list("sink", { prefix: "a", after: "a/b" })).map(({ key }) => key)).toEqual(["a_", "ab"]);
      expect(await records.list("sink", { prefix: "a", after: "b" })).toEqual([]);
    },
  },
  {
    title: "lists the scopes in use, in order and in pages, and forgets one whose records are deleted",
    needs: "records",
    async run({ records }) {
      const scopes = ["a", "a-b", "a/b", "a/b/c", "b"];
      const versions = new Map<string, number>();
      for (const scope of scopes.toReversed()) versions.set(scope, await create(records, { scope, key: "k" }));
      await create(records, { scope: "a/b", key: "another" });
      expect(await records.scopes()).toEqual(scopes);
      expect(await records.scopes({ prefix: "a/" })).toEqual(["a/b", "a/b/c"]);
      expect(await records.scopes({ limit: 2 })).toEqual(["a", "a-b"]);
      expect(await records.scopes({ after: "a-b", limit: 2 })).toEqual(["a/b", "a/b/c"]);
      await records.compareAndSet({ scope: "a", key: "k", expectedVersion: required(versions.get("a"), "the version of a") });
      expect(await records.scopes()).toEqual(scopes.slice(1));
    },
  },
  {
    title: "keeps records apart whose scopes and keys nearly meet",
    needs: "records",
    async run({ records }) {
      for (const [scope, key] of pairsNearlyTheSame) await create(records, { scope, key, value: `${scope} ${key}` });
      for (const [scope, key] of pairsNearlyTheSame) {
        expect(await records.get(scope, key)).toMatchObject({ scope, key, value: `${scope} ${key}` });
      }
      expect((await records.list("a")).map(({ key }) => key)).toEqual([" b:c", "B.c", "b.c", "b/c", "b:c", "b:c "]);
    },
  },
  {
    title: "returns a page of as many records as a page may have",
    needs: "records",
    async run({ records }) {
      const keys = Array.from({ length: recordLimits.perList + 1 }, (_, index) => `key-${String(index).padStart(5, "0")}`);
      await inGroups(keys, 100, (key) => create(records, { key }));
      const listed = await records.list("sink");
      expect(listed.map(({ key }) => key)).toEqual(keys.slice(0, -1));
      expect((await records.list("sink", { after: itemAt(listed, -1).key })).map(({ key }) => key)).toEqual(keys.slice(-1));
    },
  },
];

async function keysByPage(records: StoreRecords, limit: number): Promise<string[]> {
  const keys: string[] = [];
  for (let page: readonly StoreRecord[]; ;) {
    page = await records.list("sink", { limit, ...(keys.length === 0 ? {} : { after: keys.at(-1) }) });
    if (page.length === 0) return keys;
    expect(page.length).toBeLessThanOrEqual(limit);
    expect(keys.length).toBeLessThanOrEqual(orderedKeys.length);
    keys.push(...page.map(({ key }) => key));
  }
}
