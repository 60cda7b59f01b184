import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { expect, test } from "vitest";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { takeFromPages } from "../../src/compile/take-from-pages.ts";
import { formatPage, parsePage, type Touch } from "../../src/compile/touch.ts";

const touch = (subject: string, lastMs = 1): Touch => ({ subject, firstMs: 1, lastMs, failures: 0 });

async function pagesOf(...pages: readonly (readonly Touch[])[]) {
  const records = new CompileRecords(new InMemoryPullCursorStore().records, "sink");
  for (const [index, touches] of pages.entries()) await records.write(`page/${index}`, formatPage(touches), 0);
  const subjects = async () => (await records.pages()).map(({ value }) => parsePage(value).map(({ subject }) => subject));
  return { records, listed: await records.pages(), subjects };
}

test("taken subjects leave every page, and a page without any other is deleted", async () => {
  const { records, listed, subjects } = await pagesOf([touch("a"), touch("b")], [touch("a", 2)], [touch("c")]);
  await takeFromPages(records, listed, [touch("a")]);
  expect(await subjects()).toEqual([["b"], ["c"]]);
});

test("what was touched again since the pages were read stays, and so does what was added", async () => {
  const { records, listed, subjects } = await pagesOf([touch("a"), touch("b")]);
  await records.write("page/0", formatPage([touch("a", 2), touch("b"), touch("c")]), listed[0]!.version);
  await takeFromPages(records, listed, [touch("a"), touch("b")]);
  expect(await subjects()).toEqual([["a", "c"]]);
});

test("a page that is gone meanwhile is no trouble", async () => {
  const { records, listed, subjects } = await pagesOf([touch("a")]);
  await records.write("page/0", undefined, listed[0]!.version);
  await takeFromPages(records, listed, [touch("a")]);
  expect(await subjects()).toEqual([]);
});
