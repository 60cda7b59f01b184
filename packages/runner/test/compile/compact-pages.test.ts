import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { expect, test } from "vitest";
import { compactPages } from "../../src/compile/compact-pages.ts";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { formatPage, parsePage, type Touch } from "../../src/compile/touch.ts";

const touch = (subject: string, atMs: number): Touch => ({ subject, firstMs: atMs, lastMs: atMs, failures: 0 });
const by = { owner: "a", nowMs: 5 };

async function pagesOf(count: number, subjectOf: (index: number) => string) {
  const records = new CompileRecords(new InMemoryPullCursorStore().records, "sink");
  for (let index = 0; index < count; index += 1)
    await records.write(`page/${String(index).padStart(3, "0")}`, formatPage([touch(subjectOf(index), index)]), 0);
  const listed = await records.pages();
  const touches = async () => (await records.pages()).flatMap(({ value }) => parsePage(value));
  return { records, listed, touches, read: await touches() };
}

test("many pages that hold little become few, with every subject", async () => {
  const { records, listed, touches, read } = await pagesOf(100, (index) => `subject-${index % 10}`);
  expect(await compactPages(records, listed, read, by)).toBe(true);
  expect(await records.pages()).toHaveLength(1);
  const merged = await touches();
  expect(merged).toHaveLength(10);
  expect(merged.find(({ subject }) => subject === "subject-3")).toEqual({ ...touch("subject-3", 3), lastMs: 93 });
});

test("a page that was written meanwhile stays", async () => {
  const { records, listed, touches, read } = await pagesOf(100, () => "a");
  await records.write(listed[7]!.key, formatPage([touch("b", 1)]), listed[7]!.version);
  await compactPages(records, listed, read, by);
  expect((await touches()).map(({ subject }) => subject).toSorted()).toEqual(["a", "b"]);
});

test("few pages are left as they are", async () => {
  const { records, listed, read } = await pagesOf(60, () => "a");
  expect(await compactPages(records, listed, read, by)).toBe(false);
  expect(await records.pages()).toHaveLength(60);
});
