import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { AdapterContext } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { openCursorStore, openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const main = { kind: "github", name: "main" };

async function writeAndClose(path: string, cursor = "here"): Promise<void> {
  const store = await openFileBackedPullCursorStore({ path });
  await store.set(main, cursor);
  await store.close();
}

function contextIn(folder: string): AdapterContext {
  return { clock: new FakeClock(), logger: silentLogger, baseDir: join(folder, "config"), stateDir: join(folder, "state") };
}

test("makes the folder for its owner alone, and the files in it too", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a", "b", "cursors.json");
  await writeAndClose(path);
  const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8);
  expect([join(folder, "a"), join(folder, "a", "b"), path, `${path}.lock`].map(modeOf)).toEqual(["700", "700", "600", "600"]);
});

test("writes a file that a person can read: one line a source, in a format with a version", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  const store = await openFileBackedPullCursorStore({ path, clock: new FakeClock(1_700_000_000_000) });
  await store.set(main, '{"since":"x"}');
  await store.set({ kind: "slack", name: "team" }, "here");
  await store.close();
  expect(readFileSync(path, "utf8").split("\n")).toEqual([
    '{"format":"statewave-connectors/cursors","version":1,"sources":{',
    '"github/main":{"cursor":"{\\"since\\":\\"x\\"}","updatedAtMs":1700000000000,"epoch":1},',
    '"slack/team":{"cursor":"here","updatedAtMs":1700000000000,"epoch":1}',
    "}}",
    "",
  ]);
});

test("removes what a crash between write and rename left, unread", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  await writeAndClose(path, "kept");
  writeFileSync(`${path}.tmp`, '{"format":"statewave-connectors/cursors","version":1,"sources":{"github/main":{"cursor":"half');
  const store = await openFileBackedPullCursorStore({ path });
  expect(existsSync(`${path}.tmp`)).toBe(false);
  expect(await store.get(main)).toBe("kept");
  await store.close();
});

test("writes to the file that a symbolic link points to, and leaves the link", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "volume"));
  mkdirSync(join(folder, "config"));
  const target = join(folder, "volume", "real.json");
  const link = join(folder, "config", "cursors.json");
  symlinkSync(target, link);
  await writeAndClose(link, "through a link to nothing yet");
  await writeAndClose(link, "through the link");
  expect(readlinkSync(link)).toBe(target);
  expect(readFileSync(target, "utf8")).toContain("through the link");
});

test("locks the file itself: the same file by another name is in use too", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "cursors.json");
  await writeAndClose(path);
  symlinkSync(path, join(folder, "alias.json"));
  const store = await openFileBackedPullCursorStore({ path });
  await expect(openFileBackedPullCursorStore({ path: join(folder, "alias.json") })).rejects.toMatchObject({
    code: "STORE_LOCKED",
  });
  await store.close();
});

test("says in one sentence that its folder cannot be used", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "state"), "a file where a folder should be");
  const path = join(folder, "state", "cursors.json");
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
    code: "STORE_UNWRITABLE",
    message: expect.stringContaining(path) as unknown,
    hint: expect.stringContaining("folder") as unknown,
  });
});

test("names the symbolic link that leads nowhere", async () => {
  const folder = temporaryFolder();
  const link = join(folder, "disk");
  symlinkSync(join(folder, "not-mounted"), link);
  for (const path of [join(link, "cursors.json"), join(link, "state", "cursors.json")]) {
    await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
      code: "STORE_UNWRITABLE",
      hint: expect.stringContaining(`the symbolic link ${link} leads to`) as unknown,
    });
  }
});

test.skipIf(!existsSync("/proc/self"))("refuses a place that takes no folder, and does not hang", async () => {
  await expect(openFileBackedPullCursorStore({ path: "/proc/connectors/cursors.json" })).rejects.toMatchObject({
    code: "STORE_UNWRITABLE",
    message: expect.stringContaining("/proc/connectors") as unknown,
  });
});

test("says in one sentence that its lock file cannot be used", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  mkdirSync(`${path}.lock`);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
    code: "STORE_UNWRITABLE",
    message: expect.stringContaining(`${path}.lock`) as unknown,
  });
});

test("can be opened after it could not be opened", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  writeFileSync(path, "junk");
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT" });
  writeFileSync(path, '{"format":"statewave-connectors/cursors","version":1,"sources":{}}');
  await writeAndClose(path);
});

test("keeps cursors.json in the state folder when the config names no path", async () => {
  const folder = temporaryFolder();
  const store = await openCursorStore({}, contextIn(folder));
  await store.set(main, "here");
  expect(existsSync(join(folder, "state", "cursors.json"))).toBe(true);
  await store.close();
});

test("takes a path in the config from the config file's folder, and the clock from the context", async () => {
  const folder = temporaryFolder();
  const context = contextIn(folder);
  const store = await openCursorStore({ path: "./var/my.json" }, context);
  await store.set(main, "here");
  expect(existsSync(join(folder, "config", "var", "my.json"))).toBe(true);
  expect(await store.list()).toMatchObject([{ updatedAtMs: context.clock.now() }]);
  await store.close();
});

test.each([[""], [7], [null]])("refuses %j as a path", async (path) => {
  await expect(openCursorStore({ path }, contextIn(temporaryFolder()))).rejects.toMatchObject({ code: "STORE_OPTION_INVALID" });
  await expect(openFileBackedPullCursorStore({ path: path as string })).rejects.toMatchObject({ code: "STORE_OPTION_INVALID" });
});

test("a probe under a name that no source can have is a write, and does not keep the file from being opened again", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  const store = await openFileBackedPullCursorStore({ path });
  await store.set({ kind: "github", name: "main" }, "1");
  const [answer] = await store.acquire([{ source: { kind: "readyz", name: "-" }, owner: "a", ttlMs: 5_000 }]);
  expect(answer).toMatchObject({ granted: true });
  await store.close();
  expect(readFileSync(path, "utf8")).not.toContain("readyz");
  // As earlier releases wrote it.
  writeFileSync(path, readFileSync(path, "utf8").replace('"sources":{', '"sources":{"readyz/-":{"epoch":3},'));
  const again = await openFileBackedPullCursorStore({ path });
  expect(await again.get({ kind: "github", name: "main" })).toBe("1");
  await again.close();
});

test.each(["", "  ", "a\u0000b", "a\nb"])("refuses the path %j", async (path) => {
  await expect(openCursorStore({ path }, contextIn(temporaryFolder()))).rejects.toMatchObject({ code: "STORE_OPTION_INVALID" });
});
