import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { recordLimits } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { asManyAsFit, TakenSubjects } from "../../src/compile/taken-subjects.ts";
import { formatPage, type Touch } from "../../src/compile/touch.ts";

const touch = (subject: string): Touch => ({ subject, firstMs: 1, lastMs: 1, failures: 0 });
const touches = ["a", "b", "c"].map(touch);
const left = (taken: TakenSubjects) => taken.left.map(({ subject }) => subject);

function world() {
  const records = new CompileRecords(new InMemoryPullCursorStore().records, "sink");
  return { records, load: () => TakenSubjects.load(records) };
}

test("what is taken and not compiled is found by the next process", async () => {
  const { load } = world();
  const taken = await load();
  expect(taken.left).toEqual([]);
  await taken.take(touches);
  expect(left(await load())).toEqual(["a", "b", "c"]);
  await Promise.all([taken.done(0), taken.done(2)]);
  expect(left(await load())).toEqual(["b"]);
  await taken.done(1);
  expect(left(await load())).toEqual([]);
});

test("what was compiled of an earlier round says nothing about a later one", async () => {
  const { load } = world();
  const taken = await load();
  await taken.take(touches);
  await taken.done(0);
  await taken.take([touch("d"), touch("e")]);
  expect(left(await load())).toEqual(["d", "e"]);
});

test("of two processes that take, the slower one stops", async () => {
  const { load } = world();
  const [slow, fast] = [await load(), await load()];
  await fast.take(touches);
  await expect(slow.take(touches)).rejects.toMatchObject({ code: "STORE_LEASE_LOST" });
});

test("a process that stood still cannot record anything as compiled for the one that took over", async () => {
  const { load } = world();
  const slow = await load();
  await slow.take(touches);
  const fast = await load();
  await fast.take(fast.left);
  await fast.done(0);
  await expect(slow.done(1)).rejects.toMatchObject({ code: "STORE_LEASE_LOST" });
  expect(left(await load())).toEqual(["b", "c"]);
});

test("a round is as large as its record", () => {
  const long = Array.from({ length: 1_000 }, (_, index) => touch(String(index).padStart(256, "s")));
  const fitting = asManyAsFit(long, 1_000);
  expect(fitting.length).toBeGreaterThan(150);
  expect(Buffer.byteLength(formatPage(fitting))).toBeLessThan(recordLimits.valueBytes);
  expect(asManyAsFit(long, 3)).toHaveLength(3);
});
