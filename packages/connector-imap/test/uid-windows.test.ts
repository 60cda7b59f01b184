import { describe, expect, test } from "vitest";
import { tooSlow } from "../src/errors.ts";
import { highestUid, uidWindows } from "../src/server/uid-windows.ts";

const place = { server: "mail.example.com:993", entry: "an entry", about: "SEARCH (INBOX)", signInHint: "", nowMs: 0 };
const slow = () => tooSlow(place, 60_000);

/** Reads all windows of a folder at a server that takes too long for some searches. */
async function readAll(
  uids: readonly number[],
  { from = 1, to, isTooMuch = () => false }: { from?: number; to: number; isTooMuch?: (width: number, count: number) => boolean },
) {
  const searches: (readonly [first: number, last: number])[] = [];
  let tooMuch = 0;
  const search = async (first: number, last: number) => {
    searches.push([first, last]);
    if (isTooMuch(last - first + 1, searches.length)) {
      tooMuch += 1;
      throw slow();
    }
    return uids.filter((uid) => uid >= first && uid <= last);
  };
  const found: number[] = [];
  const ends: number[] = [];
  for await (const window of uidWindows(search, { from, to })) {
    found.push(...window.uids);
    ends.push(window.last);
  }
  return { found, ends, searches, tooMuch };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe("the windows of a search", () => {
  test("hold every UID once, and the last one ends where the folder does", async () => {
    const uids = [1, 2, 19_999, 20_000, 20_001, 3_000_000, 3_000_001];
    const { found, ends } = await readAll(uids, { to: 3_000_001 });
    expect([found, ends.at(-1)]).toEqual([uids, 3_000_001]);
  });

  test("grow where there are few UIDs, up to all that a folder may have", async () => {
    const { found, searches } = await readAll([1, highestUid], { to: highestUid });
    expect(found).toEqual([1, highestUid]);
    expect(searches.length).toBeLessThan(10);
  });

  test("shrink where a search takes too long, and no search is made as it was", async () => {
    const uids = numbers(40_000);
    const { found, searches } = await readAll(uids, { to: 40_000, isTooMuch: (width) => width > 1_000 });
    expect(found).toEqual(uids);
    expect(new Set(searches.map(String)).size).toBe(searches.length);
  });

  test("end at a server that searches no more than 500 UIDs within a minute, with few searches that take too long", async () => {
    const { found, tooMuch } = await readAll([7, 999_999], { to: 1_000_000, isTooMuch: (width) => width > 500 });
    expect(found).toEqual([7, 999_999]);
    expect(tooMuch).toBeLessThanOrEqual(12);
  });

  test("grow again after a search that a dropped connection made too long", async () => {
    const { searches } = await readAll([], { to: highestUid, isTooMuch: (_, count) => count === 1 });
    expect(searches.length).toBeLessThan(30);
    const dense = await readAll(numbers(100_000), { to: 100_000, isTooMuch: (_, count) => count === 1 });
    expect(dense.searches.length).toBeLessThan(20);
  });

  test.each([1, 300, 500])("of a folder of %i UIDs are tried twice", async (to) => {
    const once = await readAll([1], { to, isTooMuch: (_, count) => count === 1 });
    expect([once.found, once.searches.length]).toEqual([[1], 2]);
    let searches = 0;
    const never = readAll([1], { to, isTooMuch: () => (searches += 1) > 0 });
    await expect(never).rejects.toMatchObject({ code: "IMAP_UNAVAILABLE" });
    expect(searches).toBe(2);
  });

  test("are not made smaller for an error that smaller ones would meet, too", async () => {
    const search = async () => Promise.reject(new TypeError("a defect"));
    await expect(uidWindows(search, { from: 1, to: 100_000 }).next()).rejects.toThrow("a defect");
  });
});
