import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { SourceHealth } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { withheldDocuments } from "../src/changes/missing-documents.ts";
import { newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const numbered = (folder: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${folder}${n}.md`, `words ${n}`]));

/** A source that notes what it reports of its health. */
function openWatched(folder: string, entry: Record<string, unknown> = {}) {
  const healths: SourceHealth[] = [];
  return { source: openSource(folder, entry, { reportHealth: (health) => healths.push(health) }), healths };
}

/** As an unmounted volume leaves it: the folder is there, and empty. */
function empty(folder: string, path: string): void {
  remove(folder, path);
  mkdirSync(join(folder, path));
}

describe("a folder in the folder that is suddenly empty", () => {
  it.each<[string, Record<string, string>, string, number]>([
    ["with most of the documents", { ...numbered("", 3), ...numbered("team/", 12) }, "team", 12],
    ["with few of them", { ...numbered("a/", 50), ...numbered("a/b/team/", 5), "a/b/x.md": "x" }, "a/b/team", 5],
    ["with documents at several levels", { "x.md": "x", ...numbered("team/", 2), ...numbered("team/a/b/", 2) }, "team", 4],
  ])("deletes nothing, makes the source unhealthy, and recovers: %s", async (_, files, emptied, count) => {
    const folder = tempFolder(files);
    const { source, healths } = openWatched(folder);
    const { cursor } = await tick(source);
    const away = join(tempFolder(), "away");
    renameSync(join(folder, emptied), away);
    mkdirSync(join(folder, emptied));
    const during = await tick(source, cursor);
    expect(during).toMatchObject({ episodes: [], skipped: { folder_empty: count } });
    expect(healths).toEqual([
      {
        ok: false,
        code: "MARKDOWN_FOLDER_EMPTY",
        message: expect.stringContaining(`${emptied} (${count})`),
        hint: expect.stringContaining("put any file into the folder"),
      },
    ]);
    remove(folder, emptied);
    renameSync(away, join(folder, emptied));
    expect((await tick(source, during.cursor)).episodes).toEqual([]);
    expect(healths.at(-1)).toEqual({ ok: true });
  });

  it.each<[string, (folder: string) => void]>([
    ["the empty folder is removed", (folder) => remove(folder, "team")],
    ["a file is put into it", (folder) => write(folder, "team/.keep", "")],
  ])("was emptied on purpose when %s", async (_, confirm) => {
    const folder = tempFolder({ "a.md": "a", ...numbered("team/", 5) });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    empty(folder, "team");
    expect((await tick(source, cursor)).episodes).toEqual([]);
    confirm(folder);
    expect((await tick(source, cursor)).episodes).toHaveLength(5);
  });

  it("is not in use because of what file managers leave in it, or of empty folders", async () => {
    const folder = tempFolder({ "a.md": "a", ...numbered("team/", 5) });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    empty(folder, "team");
    mkdirSync(join(folder, "team/empty/deep"), { recursive: true });
    write(folder, "team/.DS_Store", "x");
    write(folder, "team/empty/Thumbs.db", "x");
    expect((await tick(source, cursor)).skipped).toEqual({ folder_empty: 5 });
  });

  it("is believed for a handful of documents", async () => {
    const folder = tempFolder({ "a.md": "a", ...numbered("team/", 2) });
    const { cursor } = await tick(openSource(folder));
    empty(folder, "team");
    expect((await tick(openSource(folder), cursor)).episodes).toHaveLength(2);
  });

  it("deletes what is gone elsewhere", async () => {
    const folder = tempFolder({ "a.md": "a", "b.md": "b", ...numbered("team/", 5) });
    const { cursor } = await tick(openSource(folder));
    empty(folder, "team");
    remove(folder, "a.md");
    expect(newsOf((await tick(openSource(folder), cursor)).episodes)).toEqual(["deleted a.md"]);
  });

  it("and excluded is forgotten", async () => {
    const folder = tempFolder({ "a.md": "a", ...numbered("team/", 5) });
    const { cursor } = await tick(openSource(folder));
    empty(folder, "team");
    const excluded = await tick(openSource(folder, { exclude: ["team/**"] }), cursor);
    expect(excluded.cursor).not.toContain("team");
  });
});

describe("a folder that is removed", () => {
  it("deletes its documents, however many", async () => {
    const folder = tempFolder({ "a.md": "a", ...numbered("team/", 20) });
    const { cursor } = await tick(openSource(folder));
    remove(folder, "team");
    expect((await tick(openSource(folder), cursor)).episodes).toHaveLength(20);
  });
});

describe("a folder that was a mount", () => {
  /** A cursor of a time when `mounts` were on other devices. */
  const withMounts = (cursor: string | undefined, mounts: readonly string[]) =>
    JSON.stringify({ ...(JSON.parse(cursor ?? "{}") as object), mounts });

  it.each<[string, (folder: string) => void]>([
    ["empty", (folder) => empty(folder, "team")],
    ["gone", (folder) => remove(folder, "team")],
  ])("and is %s deletes nothing, however few its documents", async (_, unmount) => {
    const folder = tempFolder({ "a.md": "a", "team/b.md": "b" });
    const { source, healths } = openWatched(folder);
    const cursor = withMounts((await tick(source)).cursor, ["team"]);
    unmount(folder);
    const during = await tick(source, cursor);
    expect(during).toMatchObject({ episodes: [], skipped: { folder_empty: 1 } });
    expect(healths).toMatchObject([{ ok: false, message: expect.stringContaining("team (1)") }]);
    // The next run knows it still.
    expect((await tick(source, during.cursor)).skipped).toEqual({ folder_empty: 1 });
  });

  it("and is a folder with files is a folder like others", async () => {
    const folder = tempFolder({ "a.md": "a", "team/b.md": "b", "team/c.md": "c" });
    const cursor = withMounts((await tick(openSource(folder))).cursor, ["team"]);
    remove(folder, "team/b.md");
    const { episodes, cursor: next } = await tick(openSource(folder), cursor);
    expect(newsOf(episodes)).toEqual(["deleted team/b.md"]);
    expect(next).not.toContain("mounts");
  });

  it("and is the folder of the entry is an error when it is empty, however few its documents", async () => {
    const parent = tempFolder({ "docs/a.md": "a" });
    const source = openSource(parent, { path: "docs" });
    const cursor = withMounts((await tick(source)).cursor, [""]);
    empty(parent, "docs");
    await expect(pagesOf(source, cursor)).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_EMPTY", retryable: true });
  });

  it("is known by its device", () => {
    const walk = {
      folders: new Set(["", "usb", "nas", "plain"]),
      emptyFolders: new Set(["nas", "plain"]),
      mounts: new Set(["usb"]),
    };
    const missing = ["usb/a.md", "nas/a.md", "cd/a.md", "plain/a.md", "cdrom/a.md"];
    expect([...withheldDocuments(missing, walk, new Set(["", "usb", "nas", "cd"]))]).toEqual([
      ["nas", ["nas/a.md"]],
      ["cd", ["cd/a.md"]],
    ]);
  });
});

describe("the folder of the entry", () => {
  it.each([4, 9, 30])("suddenly empty of %i documents is an error, and deletes nothing", async (count) => {
    const parent = tempFolder(numbered("docs/", count));
    const source = openSource(parent, { path: "docs" });
    const { cursor } = await tick(source);
    empty(parent, "docs");
    write(parent, "docs/.DS_Store", "x");
    await expect(pagesOf(source, cursor)).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_EMPTY", retryable: true });
    write(parent, "docs/emptied.txt", "on purpose");
    expect((await tick(source, cursor)).episodes).toHaveLength(count);
  });

  it("with nothing but empty folders deletes nothing", async () => {
    const folder = tempFolder(numbered("a/b/", 5));
    const source = openSource(folder);
    const { cursor } = await tick(source);
    empty(folder, "a/b");
    expect(await tick(source, cursor)).toMatchObject({ episodes: [], skipped: { folder_empty: 5 } });
  });
});
