import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { abortable } from "../../src/deadline/abortable.ts";

async function collect(iterable: AsyncIterable<number>): Promise<number[]> {
  const values: number[] = [];
  for await (const value of iterable) values.push(value);
  return values;
}

/** Counts up, and says whether its `return` was called. */
function counter(options: { readonly upTo: number; readonly thenHang?: boolean; readonly thenThrow?: Error }) {
  const state = { returned: false };
  async function* count() {
    try {
      for (let value = 1; value <= options.upTo; value += 1) yield value;
      if (options.thenHang === true) await new Promise(() => undefined);
      if (options.thenThrow !== undefined) throw options.thenThrow;
    } finally {
      state.returned = true;
    }
  }
  return { state, iterable: count() };
}

test("passes every value on", async () => {
  await expect(collect(abortable(counter({ upTo: 3 }).iterable, new AbortController().signal))).resolves.toEqual([1, 2, 3]);
});

test("throws the signal's reason although the source never answers", async () => {
  const abort = new AbortController();
  const seen: number[] = [];
  const walk = (async () => {
    for await (const value of abortable(counter({ upTo: 1, thenHang: true }).iterable, abort.signal)) seen.push(value);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort(new Error("enough"));
  await expect(walk).rejects.toThrow("enough");
  expect(seen).toEqual([1]);
});

test("opens nothing when it is aborted before", async () => {
  const { iterable, state } = counter({ upTo: 3 });
  await expect(collect(abortable(iterable, AbortSignal.abort(new Error("gone"))))).rejects.toThrow("gone");
  expect(state.returned).toBe(false);
});

test("yields nothing more once aborted between two values", async () => {
  const abort = new AbortController();
  const seen: number[] = [];
  const walk = (async () => {
    for await (const value of abortable(counter({ upTo: 3 }).iterable, abort.signal)) {
      seen.push(value);
      abort.abort(new Error("stop"));
    }
  })();
  await expect(walk).rejects.toThrow("stop");
  expect(seen).toEqual([1]);
});

test("ends the source when the consumer leaves", async () => {
  const { iterable, state } = counter({ upTo: 3 });
  for await (const value of abortable(iterable, new AbortController().signal)) if (value === 2) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.returned).toBe(true);
});

test("throws what the source throws", async () => {
  const broken = counter({ upTo: 1, thenThrow: new TypeError("broken") });
  await expect(collect(abortable(broken.iterable, new AbortController().signal))).rejects.toThrow("broken");
});

test("keeps no page alive once the next one is there", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const pages: WeakRef<object>[] = [];
  async function* source() {
    for (let number = 0; number < 50; number += 1) {
      const page = { number };
      pages.push(new WeakRef(page));
      yield page;
    }
  }
  let alive = 0;
  for await (const page of abortable(source(), new AbortController().signal)) {
    await nextTurn();
    if (page.number < 49) continue;
    collectGarbage();
    alive = pages.filter((reference) => reference.deref() !== undefined).length;
  }
  expect(alive).toBeLessThanOrEqual(2);
});
