import { appendFileSync, chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { machineFileSystem } from "../src/file-system.ts";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { observedFileSystem, systemError } from "./file-system-double.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const write = (key: string, value = "x", expectedVersion = 0) => ({ scope: "sink", key, value, expectedVersion });

/** Records `a` and `b` in a file; returns the file. */
async function recordsFile(path = join(temporaryFolder(), "cursors.json")) {
  const store = await openFileBackedPullCursorStore({ path });
  for (const key of ["a", "b"]) await store.records!.compareAndSet(write(key));
  await store.close();
  return { path, file: `${path}.records` };
}

async function keysOf(path: string): Promise<readonly string[]> {
  const store = await openFileBackedPullCursorStore({ path });
  const keys = (await store.records!.list("sink")).map(({ key }) => key);
  await store.close();
  return keys;
}

test("is readable by its owner alone", async () => {
  const { file } = await recordsFile();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("appends a line for a record and fsyncs it, and does not touch the cursors", async () => {
  const { path } = await recordsFile();
  const { fileSystem, log } = observedFileSystem();
  const store = await openFileBackedPullCursorStore({ path, fileSystem });
  await Promise.all(["c", "d", "e"].map((key) => store.records!.compareAndSet(write(key))));
  await store.records!.compareAndSet(write("c"));
  expect(log).toEqual(["append"]);
  await store.set({ kind: "github", name: "main" }, "here");
  expect(log).toEqual(["append", "writeNew", "rename", "syncFolder"]);
  await store.close();
});

test("holds every acknowledged record when its last line is cut off at any byte", async () => {
  const { path, file } = await recordsFile();
  const whole = readFileSync(file);
  const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
  for (let length = lastLine; length < whole.length; length += 1) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    expect(await keysOf(path), `${length} bytes`).toEqual(["a"]);
  }
});

test.each([
  ["half of a character", Buffer.from([0xe4, 0xb8])],
  [
    "blocks that never reached the disk",
    Buffer.concat([Buffer.from('[{"scope":"sink","key":"'), Buffer.alloc(4_096), Buffer.from('"}]\n')]),
  ],
])("drops a last line of %s, and overwrites it with the next write", async (_, tail) => {
  const { path, file } = await recordsFile();
  appendFileSync(file, tail);
  const store = await openFileBackedPullCursorStore({ path });
  await store.records!.compareAndSet(write("c"));
  await store.close();
  expect(await keysOf(path)).toEqual(["a", "b", "c"]);
  expect(readFileSync(file).includes(tail)).toBe(false);
});

test.each([
  ["is empty", "", "STORE_FILE_CORRUPT"],
  ["is something else", '{"format":"other"}\n', "STORE_FILE_CORRUPT"],
  ["has no number of the latest version", '{"format":"statewave-connectors/records","version":1}\n', "STORE_FILE_CORRUPT"],
  ["is of a newer format", '{"format":"statewave-connectors/records","version":2,"lastVersion":1}\n', "STORE_FILE_VERSION"],
  [
    "has a damaged line before the last",
    '{"format":"statewave-connectors/records","version":1,"lastVersion":1}\n[{"sc\n[]\n',
    "STORE_FILE_CORRUPT",
  ],
  [
    "has a line with a version that none can have",
    '{"format":"statewave-connectors/records","version":1,"lastVersion":1}\n[{"scope":"a","key":"k","value":"x","version":0}]\n[]\n',
    "STORE_FILE_CORRUPT",
  ],
])("refuses a records file that %s, and leaves it as it is", async (_, text, code) => {
  const { path, file } = await recordsFile();
  writeFileSync(file, text);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({ code, message: expect.stringContaining(file) });
  expect(readFileSync(file, "utf8")).toBe(text);
});

test.skipIf(process.getuid?.() === 0)("refuses a records file that it may not read", async () => {
  const { path, file } = await recordsFile();
  chmodSync(file, 0);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({ code: "STORE_FILE_UNREADABLE" });
});

test("rejects the record whose line did not reach the disk, shows nothing of it, and stores the next one", async () => {
  const { path } = await recordsFile();
  let failing = true;
  const { fileSystem } = observedFileSystem((step) => {
    if (failing && (step === "append" || step === "writeNew")) throw systemError("ENOSPC");
  });
  const store = await openFileBackedPullCursorStore({ path, fileSystem });
  const records = store.records!;
  const results = await Promise.allSettled([records.compareAndSet(write("c")), records.compareAndSet(write("a"))]);
  expect(results[0]).toMatchObject({ reason: { code: "STORE_WRITE_FAILED", retryable: true } });
  expect(results[1]).toMatchObject({ value: { stored: false } });
  expect((await records.list("sink")).map(({ key }) => key)).toEqual(["a", "b"]);
  failing = false;
  expect(await records.compareAndSet(write("d"))).toMatchObject({ stored: true });
  await store.close();
  expect(await keysOf(path)).toEqual(["a", "b", "d"]);
});

test("takes back a line that was written but may not be durable", async () => {
  const { path } = await recordsFile();
  const { fileSystem } = observedFileSystem();
  fileSystem.append = async (file, text) => {
    await machineFileSystem.append(file, text);
    throw systemError("EIO");
  };
  const store = await openFileBackedPullCursorStore({ path, fileSystem });
  await expect(store.records!.compareAndSet(write("c"))).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  await store.close();
  expect(await keysOf(path)).toEqual(["a", "b"]);
});

test("does not grow with the number of writes, and forgets expired records", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  const clock = new FakeClock();
  const store = await openFileBackedPullCursorStore({ path, clock });
  const records = store.records!;
  const value = "x".repeat(20_000);
  let version = 0;
  for (let round = 0; round < 100; round += 1) {
    const result = await records.compareAndSet(write("a", value, version));
    version = result.stored ? result.version : -1;
    await records.compareAndSet({ ...write(`passing-${round}`, value), ttlMs: 1_000 });
    await clock.advance(1_000);
  }
  expect(version).toBe(199);
  const size = statSync(`${path}.records`).size;
  expect(size).toBeLessThan(1024 * 1024);
  await store.close();
  expect(await keysOf(path)).toEqual(["a"]);
  // An expired record that was the latest one still counts: its version is not used again.
  const again = await openFileBackedPullCursorStore({ path, clock });
  expect(await again.records!.compareAndSet(write("b"))).toMatchObject({ version: 201 });
  await again.close();
});
