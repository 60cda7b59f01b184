import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { parseSeedCursor } from "@statewave-connectors/connector-sdk/store";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCursorStore, openFileBackedPullCursorStore } from "../src/index.ts";
import { observedFileSystem, systemError } from "./file-system-double.ts";

const source = { kind: "github", name: "main" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cursor-store-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "cursors", "github", "main.json");
const open = (layout: "file" | "dir" = "dir") => openFileBackedPullCursorStore({ path: join(folder, "cursors.json"), layout });

/** Opens the store for one step. */
async function using<Result>(layout: "file" | "dir", act: (store: CursorStore) => Promise<Result>): Promise<Result> {
  const store = await open(layout);
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

async function lease(store: CursorStore, dueMs?: number) {
  const [answer] = await store.acquire([{ source, owner: "a", ttlMs: 30_000, ...(dueMs === undefined ? {} : { dueMs }) }]);
  if (answer?.granted !== true) throw new Error("not granted");
  return answer.lease;
}

function drop(text: string): void {
  mkdirSync(join(folder, "cursors", "github"), { recursive: true });
  writeFileSync(file(), text);
}

describe("a file for each cursor", () => {
  test.each([
    { cursor: '{"page":2}', text: '{"cursor":{"page":2}}\n' },
    { cursor: '{ "page": 2 }', text: '{"cursor":"{ \\"page\\": 2 }"}\n' },
    { cursor: '"2"', text: '{"cursor":"\\"2\\""}\n' },
    { cursor: "", text: '{"cursor":""}\n' },
    { cursor: '{"id":12345678901234567890}', text: '{"cursor":"{\\"id\\":12345678901234567890}"}\n' },
  ])("holds $cursor, readable where it is JSON, and nothing else", async ({ cursor, text }) => {
    await using("dir", (store) => store.set(source, cursor));
    expect(readFileSync(file(), "utf8")).toBe(text);
    expect(statSync(file()).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, "cursors.json"), "utf8")).not.toContain('cursor"');
    expect(await using("dir", (store) => store.get(source))).toBe(cursor);
  });

  test("is one small write at a checkpoint: the file of epochs and dues stays as it is", async () => {
    const store = await open();
    const held = await lease(store, Date.now());
    const before = readFileSync(join(folder, "cursors.json"), "utf8");
    expect(await store.checkpoint(held, "2")).toBe(true);
    expect(readFileSync(join(folder, "cursors.json"), "utf8")).toBe(before);
    await store.release(held, { type: "done" });
    await store.close();
    expect(await using("dir", (again) => again.list())).toMatchObject([{ cursor: "2", epoch: 1, finishedDueMs: held.dueMs }]);
  });

  test("may be edited, dropped in, seeded and removed while no process has it open; epochs and dues stay", async () => {
    await using("dir", async (store) => {
      const held = await lease(store, 1_000);
      await store.checkpoint(held, '{"page":2}');
      await store.release(held, { type: "done" });
    });
    drop('{\n  "cursor": { "page": 1 }\n}\n');
    expect(await using("dir", (store) => store.list())).toMatchObject([{ cursor: '{"page":1}', epoch: 1, finishedDueMs: 1_000 }]);
    drop('{ "id": 4821, "timestamp": "2026-04-21T12:34:56Z" }');
    const seeded = await using("dir", (store) => store.get(source));
    expect(parseSeedCursor(seeded!)).toEqual({ since: "2026-04-21T12:34:56.000Z", id: "4821" });
    rmSync(file());
    expect(await using("dir", (store) => store.list())).toMatchObject([{ epoch: 1, finishedDueMs: 1_000 }]);
    expect(await using("dir", (store) => store.get(source))).toBeUndefined();
  });

  test("is read with the mark of its byte order, and refused as UTF-16 with what is wrong", async () => {
    drop('\ufeff{ "timestamp": "2026-04-21T12:34:56Z" }\r\n');
    const seeded = await using("dir", (store) => store.get(source));
    expect(parseSeedCursor(seeded ?? "")).toEqual({ since: "2026-04-21T12:34:56.000Z" });
    writeFileSync(file(), Buffer.from('\ufeff{"cursor": "1"}', "utf16le"));
    await expect(open()).rejects.toMatchObject({
      code: "STORE_FILE_CORRUPT",
      message: expect.stringContaining("it is not UTF-8"),
    });
    for (const text of [Buffer.from('{"cursor": "1"}', "utf16le"), Buffer.alloc(16)]) {
      writeFileSync(file(), text);
      await expect(open()).rejects.toMatchObject({
        code: "STORE_FILE_CORRUPT",
        message: expect.stringContaining("it holds NUL bytes, as UTF-16 text does"),
      });
    }
  });

  test.each([
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"id": 1}',
    '{"timestamp": "soon"}',
    '{"timestamp": "page 7"}',
    '{"timestamp": "2026-01-01T00:00:00"}',
    '{"timestamp": "2026-01-01T00:00:00Z", "id": 1700000000.000100}',
    '{"cursor": null}',
    '{"cursor": "a", "id": 1}',
    '{"cursor": "a", "extra": 1}',
  ])("that holds %s is refused with its path, and left as it is", async (text) => {
    drop(text);
    await expect(open()).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT", message: expect.stringContaining(file()) });
    expect(readFileSync(file(), "utf8")).toBe(text);
  });

  test.each([
    '{"timestamp": "2026-01-01T00:00:00Z", "id": 12345678901234567890}',
    '{"cursor": {"after": [12345678901234567890]}}',
  ])("that holds a number that would be rounded, %s, is refused with it", async (text) => {
    drop(text);
    await expect(open()).rejects.toMatchObject({
      code: "STORE_FILE_CORRUPT",
      message: expect.stringContaining('write it as a text, "12345678901234567890"'),
    });
  });

  test.each(["12345678901234567000", "9007199254740993", "1e400", '{"at":9007199254740992,"rate":0.1}'])(
    "is read as the connector wrote it, %s",
    async (cursor) => {
      await using("dir", (store) => store.set(source, cursor));
      expect(await using("dir", (store) => store.get(source))).toBe(cursor);
    },
  );

  test.each(["cursors/main.json", "cursors/github/Not A Name.json"])("is refused at %s, which no source has", async (name) => {
    mkdirSync(join(folder, "cursors", "github"), { recursive: true });
    writeFileSync(join(folder, name), '{"cursor":"1"}');
    await expect(open()).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT" });
  });

  test("that is edited while a process has it open is not overwritten: the checkpoint says so, and other sources continue", async () => {
    const store = await open();
    const held = await lease(store);
    expect(await store.checkpoint(held, "1")).toBe(true);
    drop('{"cursor":"mine"}');
    const other = { kind: "github", name: "other" };
    const both = await Promise.allSettled([store.checkpoint(held, "2"), store.set(other, "o")]);
    expect(both[0]).toMatchObject({ reason: { code: "STORE_CURSOR_EDITED", message: expect.stringContaining(file()) } });
    expect(both[1]).toMatchObject({ status: "fulfilled" });
    expect(readFileSync(file(), "utf8")).toBe('{"cursor":"mine"}');
    expect([await store.get(source), await store.get(other)]).toEqual(["1", "o"]);
    expect(await store.release(held, { type: "done" })).toBe(true);
    await store.close();
    expect(await using("dir", (again) => again.get(source))).toBe("mine");
  });
});

test("a cursor file that cannot be read while the store is open fails its own checkpoint, and nothing else", async () => {
  const store = await open();
  const held = await lease(store);
  expect(await store.checkpoint(held, "1")).toBe(true);
  rmSync(file());
  mkdirSync(file());
  const other = { kind: "github", name: "other" };
  const both = await Promise.allSettled([store.checkpoint(held, "2"), store.set(other, "o")]);
  expect(both[0]).toMatchObject({ reason: { code: "STORE_FILE_UNREADABLE", message: expect.stringContaining(file()) } });
  expect(both[1]).toMatchObject({ status: "fulfilled" });
  expect(await store.release(held, { type: "done" })).toBe(true);
  await store.close();
});

test("a refused cursor that could not be taken back is overwritten by the next write, whatever source that is of", async () => {
  let disk: "whole" | "breaks" | "broken" = "whole";
  const { fileSystem } = observedFileSystem((step) => {
    if (disk === "breaks" && step === "syncFolder") disk = "broken";
    if (disk === "broken") throw systemError("EIO");
  });
  const store = await openFileBackedPullCursorStore({ path: join(folder, "cursors.json"), layout: "dir", fileSystem });
  await store.set(source, "1");
  disk = "breaks";
  await expect(store.set(source, "2")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(readFileSync(file(), "utf8")).toBe('{"cursor":"2"}\n');
  disk = "whole";
  await store.set({ kind: "github", name: "other" }, "o");
  expect(readFileSync(file(), "utf8")).toBe('{"cursor":"1"}\n');
  await store.set(source, "3");
  await store.close();
  expect(await using("dir", (again) => again.get(source))).toBe("3");
});

test("a cursor file that is no UTF-8 is refused", async () => {
  drop("");
  writeFileSync(file(), Buffer.from('{"cursor":"caf\xe9"}', "latin1"));
  await expect(open()).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT", message: expect.stringContaining("not UTF-8") });
});

test("a restore replaces a cursor file that is damaged, and those that the back-up does not have", async () => {
  const copy = join(folder, "copy");
  mkdirSync(copy);
  await using("dir", async (store) => {
    await store.set(source, "1");
    await store.backup!(copy);
    await store.set({ kind: "github", name: "later" }, "2");
  });
  drop("{");
  await expect(open()).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT" });
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  await openCursorStore.restore!({ layout: "dir" }, context, copy);
  expect(await using("dir", (store) => store.list())).toMatchObject([{ source, cursor: "1" }]);
});

describe("the layout", () => {
  test("changes there and back with every cursor, epoch and due", async () => {
    await using("file", async (store) => {
      const held = await lease(store, 1_000);
      await store.checkpoint(held, '{"page":2}');
      await store.release(held, { type: "done" });
    });
    const states = (layout: "file" | "dir") => using(layout, (store) => store.list());
    const before = await states("file");
    expect(await states("dir")).toEqual(before);
    expect(existsSync(file())).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, "cursors.json"), "utf8"))).toMatchObject({
      format: "statewave-connectors/cursors-in-files",
    });
    expect(await states("file")).toEqual(before);
    expect(existsSync(file())).toBe(false);
    expect(await states("dir")).toEqual(before);
  });

  test("is not changed where both places hold different cursors", async () => {
    await using("file", (store) => store.set(source, "1"));
    drop('{"cursor":"2"}');
    await expect(open("dir")).rejects.toMatchObject({ code: "STORE_LAYOUT_CONFLICT" });
    expect(await using("file", (store) => store.get(source))).toBe("1");
    drop('{"cursor":"1"}');
    expect(await using("dir", (store) => store.get(source))).toBe("1");
  });
});

test("a write that fails is not half believed: the file is as it was, and the next one succeeds", async () => {
  let failing: { readonly step: string; left: number } | undefined;
  const { fileSystem } = observedFileSystem((step) => {
    if (failing?.step !== step) return;
    failing.left -= 1;
    if (failing.left === 0) throw systemError("EIO");
  });
  const store = await openFileBackedPullCursorStore({ path: join(folder, "cursors.json"), layout: "dir", fileSystem });
  await store.set(source, "1");
  // The file of the cursor is written first, then that of epochs and dues.
  for (const at of [1, 2]) {
    for (const step of ["writeNew", "rename", "syncFolder"]) {
      failing = { step, left: at };
      await expect(store.set(source, "2")).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
      failing = undefined;
      expect(await store.get(source)).toBe("1");
      expect(readFileSync(file(), "utf8")).toBe('{"cursor":"1"}\n');
    }
  }
  await store.set(source, "3");
  await store.close();
  expect(readdirSync(join(folder, "cursors", "github"))).toEqual(["main.json"]);
  expect(await using("dir", (again) => again.get(source))).toBe("3");
});

test("the last cursor of a kind leaves no folder behind, as the one that doctor tries", async () => {
  await using("dir", async (store) => {
    await store.set({ kind: "doctor", name: "-" }, "tried");
    await store.set(source, "kept");
    await store.delete({ kind: "doctor", name: "-" });
    await store.delete({ kind: "github", name: "none" });
  });
  expect(readdirSync(join(folder, "cursors"))).toEqual(["github"]);
  expect(readdirSync(join(folder, "cursors", "github"))).toEqual(["main.json"]);
});
