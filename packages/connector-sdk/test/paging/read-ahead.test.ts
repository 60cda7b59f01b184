import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { readAhead } from "../../src/paging/index.ts";
import { collect } from "./overloaded.ts";

const never = new AbortController().signal;

/** Pages 1 to `last`; what was requested and how it ended stands in `log`. */
function listOf(last: number, log: string[], failAt?: number) {
  return async function* pages(signal: AbortSignal) {
    try {
      for (let page = 1; page <= last; page += 1) {
        log.push(`request ${page}`);
        await turn();
        signal.throwIfAborted();
        if (page === failAt) throw new Error(`page ${page} failed`);
        yield page;
      }
      log.push("end");
    } finally {
      log.push("closed");
    }
  };
}

test("the next page is requested while a page is held, and no more than that one", async () => {
  const log: string[] = [];
  const pages = readAhead(listOf(4, log), never);
  expect((await pages.next()).value).toBe(1);
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(log).toEqual(["request 1", "request 2"]);
  expect((await pages.next()).value).toBe(2);
  expect(log).toEqual(["request 1", "request 2"]);
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(log).toEqual(["request 1", "request 2", "request 3"]);
});

test("every page arrives once and in its order", async () => {
  for (const last of [0, 1, 2, 5]) {
    const log: string[] = [];
    const { values } = await collect(readAhead(listOf(last, log), never));
    expect(values).toEqual(Array.from({ length: last }, (_, at) => at + 1));
    expect(log.slice(-2)).toEqual(["end", "closed"]);
  }
});

test("an error of the next page is thrown behind the page before it, and is no unhandled rejection meanwhile", async () => {
  const log: string[] = [];
  const pages = readAhead(listOf(3, log, 2), never);
  expect((await pages.next()).value).toBe(1);
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(log).toEqual(["request 1", "request 2", "closed"]);
  await expect(pages.next()).rejects.toThrow("page 2 failed");
  expect(await pages.next()).toEqual({ done: true, value: undefined });
});

test("a reader that stops early aborts the request that is under way and closes the pages", async () => {
  const log: string[] = [];
  const signals: AbortSignal[] = [];
  const open = (signal: AbortSignal) => {
    signals.push(signal);
    return listOf(9, log)(signal);
  };
  for await (const page of readAhead(open, never)) {
    if (page < 2) continue;
    while (!log.includes("request 3")) await turn();
    break;
  }
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(log).toEqual(["request 1", "request 2", "request 3", "closed"]);
});

test("a reader that stops before the next page is requested has nothing requested", async () => {
  const log: string[] = [];
  for await (const _ of readAhead(listOf(9, log), never)) break;
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(log).toEqual(["request 1", "closed"]);
});

test("the signal of the run aborts the request that is under way", async () => {
  const log: string[] = [];
  const run = new AbortController();
  const pages = readAhead(listOf(9, log), run.signal);
  await pages.next();
  const second = pages.next();
  while (!log.includes("request 2")) await turn();
  run.abort(new Error("the lease is lost"));
  await expect(second).rejects.toThrow("the lease is lost");
  expect(log).toEqual(["request 1", "request 2", "closed"]);
});

test("a page that was read ahead is not yielded once the run is aborted", async () => {
  const log: string[] = [];
  const run = new AbortController();
  const pages = readAhead(listOf(9, log), run.signal);
  await pages.next();
  for (let turns = 0; turns < 10; turns += 1) await turn();
  run.abort(new Error("the lease is lost"));
  await expect(pages.next()).rejects.toThrow("the lease is lost");
  expect(log).toEqual(["request 1", "request 2", "closed"]);
});
