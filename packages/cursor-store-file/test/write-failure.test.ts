import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { type CursorFileSystem, openFileBackedPullCursorStore } from "../src/index.ts";
import { observedFileSystem, systemError } from "./file-system-double.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const main = { kind: "github", name: "main" };
const other = { kind: "github", name: "other" };

/** A store on a disk that fails at the named steps, one after the other. */
async function storeOnBadDisk() {
  const path = join(temporaryFolder(), "cursors.json");
  const failures: (readonly [step: keyof CursorFileSystem, code: string])[] = [];
  const { fileSystem, writes } = observedFileSystem((step) => {
    if (failures[0]?.[0] === step) throw systemError(failures.shift()![1]);
  });
  const store = await openFileBackedPullCursorStore({ path, fileSystem });
  const reopen = async () => {
    await store.close();
    return openFileBackedPullCursorStore({ path });
  };
  return { path, store, failures, writes, reopen };
}

async function claim(store: CursorStore, dueMs?: number): Promise<Lease> {
  const [answer] = await store.acquire([{ source: main, owner: "me", ttlMs: 60_000, ...(dueMs === undefined ? {} : { dueMs }) }]);
  if (answer?.granted !== true) throw new Error(`not granted: ${JSON.stringify(answer)}`);
  return answer.lease;
}

test.each([
  ["writeNew", "ENOSPC"],
  ["writeNew", "EACCES"],
  ["writeNew", "EIO"],
  ["rename", "EIO"],
  ["syncFolder", "EIO"],
] as const)("rejects a checkpoint, retryably, whose %s fails with %s, and it never becomes visible", async (step, code) => {
  const { store, path, failures, reopen } = await storeOnBadDisk();
  const lease = await claim(store);
  await store.checkpoint(lease, "accepted");
  failures.push([step, code]);
  await expect(store.checkpoint(lease, "rejected")).rejects.toMatchObject({
    code: "STORE_WRITE_FAILED",
    retryable: true,
    message: expect.stringContaining(code) as unknown,
    hint: expect.stringMatching(/\w/) as unknown,
  });
  expect(await store.get(main)).toBe("accepted");
  expect(await readFile(path, "utf8")).not.toContain("rejected");
  expect(existsSync(`${path}.tmp`)).toBe(false);
  const reopened = await reopen();
  expect(await reopened.get(main)).toBe("accepted");
  await reopened.close();
});

test("works again as soon as the disk does", async () => {
  const { store, failures, reopen } = await storeOnBadDisk();
  const lease = await claim(store);
  failures.push(["writeNew", "ENOSPC"], ["writeNew", "ENOSPC"]);
  await expect(store.checkpoint(lease, "one")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  await expect(store.checkpoint(lease, "one")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(await store.checkpoint(lease, "one")).toBe(true);
  const reopened = await reopen();
  expect(await reopened.get(main)).toBe("one");
  await reopened.close();
});

test("works again when its folder disappeared and came back", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "state", "cursors.json");
  const store = await openFileBackedPullCursorStore({ path });
  await store.set(main, "before");
  await rename(join(folder, "state"), join(folder, "elsewhere"));
  await expect(store.set(main, "meanwhile")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED", retryable: true });
  await rename(join(folder, "elsewhere"), join(folder, "state"));
  expect(await store.get(main)).toBe("before");
  await store.set(main, "after");
  expect(await readFile(path, "utf8")).toContain("after");
  await store.close();
});

test("rejects only what needed the write: renewals and refusals beside it are answered", async () => {
  const { store, failures } = await storeOnBadDisk();
  const lease = await claim(store);
  failures.push(["writeNew", "ENOSPC"]);
  const outcomes = await Promise.allSettled([
    store.set(other, "rejected"),
    store.renew([lease], 60_000),
    store.checkpoint({ ...lease, epoch: lease.epoch - 1 }, "stale"),
    store.acquire([{ source: main, owner: "you", ttlMs: 60_000 }]),
  ]);
  expect(outcomes).toMatchObject([
    { status: "rejected", reason: { code: "STORE_WRITE_FAILED" } },
    { status: "fulfilled", value: [true] },
    { status: "fulfilled", value: false },
    { status: "fulfilled", value: [{ granted: false, reason: "busy" }] },
  ]);
  await store.close();
});

test("decides anew what was decided on a draft that failed", async () => {
  const { store, failures } = await storeOnBadDisk();
  const lease = await claim(store, 0);
  failures.push(["writeNew", "ENOSPC"]);
  // On the draft, the renewal comes after the release and is refused; but the release never happened.
  expect(await Promise.allSettled([store.release(lease, { type: "done" }), store.renew([lease], 60_000)])).toMatchObject([
    { status: "rejected", reason: { code: "STORE_WRITE_FAILED" } },
    { status: "fulfilled", value: [true] },
  ]);
  expect(await store.checkpoint(lease, "goes on")).toBe(true);
  await store.close();
});

test("grants again what it could not write down", async () => {
  const { store, failures } = await storeOnBadDisk();
  failures.push(["writeNew", "ENOSPC"]);
  await expect(claim(store, 0)).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(await store.list()).toEqual([]);
  expect(await claim(store, 0)).toMatchObject({ dueMs: 0, resumed: false });
  await store.close();
});

test("takes a rejected text back that reached the file, with the next write where it cannot at once", async () => {
  const { store, path, failures, writes } = await storeOnBadDisk();
  await store.set(main, "accepted");
  failures.push(["syncFolder", "EIO"], ["writeNew", "EIO"]);
  await expect(store.set(main, "rejected")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(failures).toEqual([]);
  expect(await readFile(path, "utf8")).toContain("rejected");
  expect(await store.get(main)).toBe("accepted");
  await store.set(other, "next");
  expect(await readFile(path, "utf8")).not.toContain("rejected");
  const before = writes();
  await store.close();
  expect(writes()).toBe(before);
});

test("takes a rejected text back at the latest when it is closed", async () => {
  const { store, path, failures, reopen } = await storeOnBadDisk();
  await store.set(main, "accepted");
  failures.push(["syncFolder", "EIO"], ["writeNew", "EIO"]);
  await expect(store.set(main, "rejected")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(await readFile(path, "utf8")).toContain("rejected");
  const reopened = await reopen();
  expect(await reopened.get(main)).toBe("accepted");
  expect(await readFile(path, "utf8")).not.toContain("rejected");
  await reopened.close();
});

test("writes although an earlier failure left half a text that could not be removed", async () => {
  const { store, path } = await storeOnBadDisk();
  await writeFile(`${path}.tmp`, '{"half');
  await store.set(main, "whole");
  expect(await readFile(path, "utf8")).toContain("whole");
  await store.close();
});

test("answers the other callers when one sends an invalid request", async () => {
  const { store } = await storeOnBadDisk();
  const lease = await claim(store, 0);
  const outcomes = await Promise.allSettled([
    store.set(other, "one"),
    store.release(lease, undefined as never),
    store.set(main, "two"),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await store.get(main)).toBe("two");
  await store.close();
});
