import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const whole = `{"format":"statewave-connectors/cursors","version":1,"sources":{
"github/main":{"cursor":"page-7","updatedAtMs":1700000000000,"epoch":12,"finishedDueMs":1699999000000}
}}
`;
const withRow = (row: string) => whole.replace(/"github\/main".*/, row);

test("reads a whole file", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  writeFileSync(path, whole);
  const store = await openFileBackedPullCursorStore({ path });
  expect(await store.list()).toEqual([
    {
      source: { kind: "github", name: "main" },
      cursor: "page-7",
      updatedAtMs: 1_700_000_000_000,
      epoch: 12,
      finishedDueMs: 1_699_999_000_000,
    },
  ]);
  await store.close();
});

test("refuses a file cut off after any of its characters, and leaves it as it is", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  for (let length = 0; length < whole.trimEnd().length; length += 1) {
    writeFileSync(path, whole.slice(0, length));
    await expect(openFileBackedPullCursorStore({ path }), `${length} characters`).rejects.toMatchObject({
      code: "STORE_FILE_CORRUPT",
    });
    expect(readFileSync(path, "utf8")).toBe(whole.slice(0, length));
  }
});

test.each([
  ["an empty file", "", "STORE_FILE_CORRUPT"],
  ["no JSON", "cursor=1", "STORE_FILE_CORRUPT"],
  ["another JSON", '{"version":1,"cursors":{}}', "STORE_FILE_CORRUPT"],
  ["an array", "[]", "STORE_FILE_CORRUPT"],
  ["a newer version", whole.replace('"version":1', '"version":2'), "STORE_FILE_VERSION"],
  ["a newer version of another shape", '{"format":"statewave-connectors/cursors","version":3,"rows":[]}', "STORE_FILE_VERSION"],
  ["no version", whole.replace('"version":1,', ""), "STORE_FILE_CORRUPT"],
  ["no sources", '{"format":"statewave-connectors/cursors","version":1}', "STORE_FILE_CORRUPT"],
  ["a source with an impossible name", withRow('"github":{"epoch":1}'), "STORE_FILE_CORRUPT"],
  ["a source named __proto__", withRow('"__proto__":{"epoch":1}'), "STORE_FILE_CORRUPT"],
  ["a row that is no object", withRow('"github/main":"page-7"'), "STORE_FILE_CORRUPT"],
  ["a cursor that is no string", withRow('"github/main":{"cursor":7,"epoch":1}'), "STORE_FILE_CORRUPT"],
  ["a row without an epoch", withRow('"github/main":{"cursor":"x"}'), "STORE_FILE_CORRUPT"],
  ["a broken epoch", withRow('"github/main":{"epoch":1.5}'), "STORE_FILE_CORRUPT"],
  ["a due that is no number", withRow('"github/main":{"epoch":1,"openDueMs":"soon"}'), "STORE_FILE_CORRUPT"],
  ["a field it does not know", withRow('"github/main":{"epoch":1,"shard":4}'), "STORE_FILE_CORRUPT"],
])("refuses %s, naming the file, and leaves it as it is", async (_, text, code) => {
  const path = join(temporaryFolder(), "cursors.json");
  writeFileSync(path, text);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
    code,
    retryable: false,
    message: expect.stringContaining(path) as unknown,
    hint: expect.stringContaining("left as it is") as unknown,
  });
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("refuses bytes that are no UTF-8 instead of changing a cursor", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  const bytes = Buffer.from(whole.replace("page-7", "page-?"));
  bytes[bytes.indexOf("?")] = 0xff;
  writeFileSync(path, bytes);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({ code: "STORE_FILE_CORRUPT" });
  expect(readFileSync(path)).toEqual(bytes);
});

test.each([
  ["a pipe in the place of the cursors", "cursors.json", (path: string) => void execFileSync("mkfifo", [path])],
  ["a pipe in the place of the records", "cursors.json.records", (path: string) => void execFileSync("mkfifo", [path])],
  ["a device in the place of the records", "cursors.json.records", (path: string) => symlinkSync("/dev/zero", path)],
])("refuses %s", async (_, name, make) => {
  const folder = temporaryFolder();
  make(join(folder, name));
  await expect(openFileBackedPullCursorStore({ path: join(folder, "cursors.json") })).rejects.toMatchObject({
    code: "STORE_FILE_UNREADABLE",
    message: expect.stringContaining("it is a pipe, a socket or a device"),
  });
});

test("refuses a folder where the file should be", async () => {
  const path = join(temporaryFolder(), "cursors.json");
  mkdirSync(path);
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({
    code: "STORE_FILE_UNREADABLE",
    hint: "put a file in the place of this folder, or name another path",
  });
});
