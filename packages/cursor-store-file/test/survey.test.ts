import { execFileSync } from "node:child_process";
import { linkSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { openCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const earlier = (cursors: Readonly<Record<string, unknown>>) => JSON.stringify({ version: 1, cursors }, undefined, 2);

async function survey(folder: string, path = "cursors.json") {
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  return openCursorStore.survey?.({ path }, context);
}

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "cursors.json"), text);
  return folder;
}

test("finds the cursors of the earlier runner, and changes nothing", async () => {
  const text = earlier({ "gmail/founder": "123456", "zendesk/support": "MTU3" });
  const folder = folderWith(text);
  expect(await survey(folder)).toEqual({
    place: expect.stringMatching(/^file \d+:\d+$/),
    format: "earlier",
    sources: [
      { source: { kind: "gmail", name: "founder" }, bytes: 6 },
      { source: { kind: "zendesk", name: "support" }, bytes: 4 },
    ],
    strangers: [],
  });
  expect(readdirSync(folder)).toEqual(["cursors.json"]);
  expect(readFileSync(join(folder, "cursors.json"), "utf8")).toBe(text);
});

test("takes the time of the file for that of the only cursor in it", async () => {
  const folder = folderWith(earlier({ "gmail/founder": "1" }));
  utimesSync(join(folder, "cursors.json"), 1_700_000_000, 1_700_000_000);
  expect((await survey(folder))?.sources).toEqual([
    { source: { kind: "gmail", name: "founder" }, bytes: 1, updatedAtMs: 1_700_000_000_000 },
  ]);
});

test("a symbolic and a hard link are the same place as the file", async () => {
  const folder = folderWith(earlier({}));
  symlinkSync("cursors.json", join(folder, "symbolic.json"));
  linkSync(join(folder, "cursors.json"), join(folder, "hard.json"));
  const places = await Promise.all(["cursors.json", "symbolic.json", "hard.json"].map((name) => survey(folder, name)));
  expect(new Set(places.map((found) => found?.place)).size).toBe(1);
});

test("knows a file of its own, and one that is not there", async () => {
  const folder = folderWith('{"format":"statewave-connectors/cursors","version":1,"sources":{}}');
  expect(await survey(folder)).toMatchObject({ format: "current", sources: [] });
  expect(await survey(folder, "none.json")).toEqual({ place: `file ${join(folder, "none.json")}`, sources: [] });
});

test("reports the size of a cursor of 8 MiB without carrying it", async () => {
  const found = await survey(folderWith(earlier({ "gmail/founder": "x".repeat(8 * 1024 * 1024) })));
  expect(found?.sources).toMatchObject([{ bytes: 8 * 1024 * 1024 }]);
  expect(JSON.stringify(found).length).toBeLessThan(500);
});

test.each([
  ["an empty file", "", "STORE_FILE_CORRUPT"],
  ["a file that is cut off", '{"version":1,"curs', "STORE_FILE_CORRUPT"],
  ["a list", "[]", "STORE_FILE_CORRUPT"],
  ["another version", '{"version":2,"cursors":{}}', "STORE_FILE_VERSION"],
  ["no version", '{"cursors":{}}', "STORE_FILE_VERSION"],
  ["no cursors", '{"version":1}', "STORE_FILE_CORRUPT"],
  ["a key that names no source", earlier({ __proto: "1" }), "STORE_FILE_CORRUPT"],
  ["a cursor that is no text", earlier({ "gmail/founder": 7 }), "STORE_FILE_CORRUPT"],
])("refuses %s, and leaves it as it is", async (_, text, code) => {
  const folder = folderWith(text);
  await expect(survey(folder)).rejects.toMatchObject({ code, hint: expect.stringContaining("--no-state") });
  expect(readFileSync(join(folder, "cursors.json"), "utf8")).toBe(text);
});

test("refuses a folder, a pipe and a file beyond 64 MiB before reading them", async () => {
  const folder = folderWith("");
  await expect(survey(folder, ".")).rejects.toMatchObject({ code: "STORE_FILE_UNREADABLE" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
  await expect(survey(folder, "pipe")).rejects.toMatchObject({ code: "STORE_FILE_UNREADABLE" });
  truncateSync(join(folder, "cursors.json"), 65 * 1024 * 1024);
  await expect(survey(folder)).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT" });
  expect(statSync(join(folder, "cursors.json")).size).toBe(65 * 1024 * 1024);
});
