import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { link, makePipe, newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const mebibyte = 1024 * 1024;

describe("size", () => {
  it("up to one mebibyte is read, a byte more is skipped and counted", async () => {
    const folder = tempFolder({ "fits.md": "x".repeat(mebibyte), "large.md": "x".repeat(mebibyte + 1) });
    const { episodes, skipped } = await tick(openSource(folder));
    expect(newsOf(episodes)).toEqual(["changed fits.md"]);
    expect(skipped).toEqual({ too_large: 1 });
    expect(episodes[0]!.metadata).toMatchObject({ bytes: mebibyte });
    expect(Buffer.byteLength(episodes[0]!.text)).toBeLessThanOrEqual(16 * 1024);
    expect(episodes[0]!.text).toMatch(/\[cut\]$/);
  });

  it("that a known document outgrows is no deletion", async () => {
    const folder = tempFolder({ "a.md": "a" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", "x".repeat(mebibyte + 1));
    expect(await tick(source, cursor)).toMatchObject({ episodes: [], skipped: { too_large: 1 }, cursor });
  });
});

describe("symbolic links", () => {
  it("to a file or a folder elsewhere are skipped and counted", async () => {
    const elsewhere = tempFolder({ "secret.md": "s", "deep/secret.md": "s" });
    const folder = tempFolder({ "a.md": "a" });
    link(folder, "file.md", join(elsewhere, "secret.md"));
    link(folder, "folder", elsewhere);
    link(folder, "up.md", relative(folder, "/etc/hostname"));
    link(folder, "unrelated.txt", join(elsewhere, "secret.md"));
    const { episodes, skipped } = await tick(openSource(folder));
    expect(newsOf(episodes)).toEqual(["changed a.md"]);
    expect(skipped).toEqual({ symlink_outside: 3 });
  });

  it("to a folder whose name only begins like ours are links elsewhere", async () => {
    const parent = tempFolder({ "docs/a.md": "a", "docs-private/p.md": "p" });
    link(parent, "docs/p.md", "../docs-private/p.md");
    const { episodes, skipped } = await tick(openSource(parent, { path: "docs" }));
    expect(newsOf(episodes)).toEqual(["changed a.md"]);
    expect(skipped).toEqual({ symlink_outside: 1 });
  });

  it("to a file in the folder are documents of their own name and follow its changes", async () => {
    const folder = tempFolder({ "texts/real.txt": "words" });
    link(folder, "alias.md", "texts/real.txt");
    const source = openSource(folder);
    const { cursor, episodes } = await tick(source);
    expect(newsOf(episodes)).toEqual(["changed alias.md"]);
    write(folder, "texts/real.txt", "other words");
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["changed alias.md"]);
  });

  it("in a loop, to themselves or to a parent, do no harm", async () => {
    const folder = tempFolder({ "a/b/c.md": "c" });
    link(folder, "a/b/up", "../..");
    link(folder, "a/self.md", "self.md");
    link(folder, "x.md", "y.md");
    link(folder, "y.md", "x.md");
    const { episodes, skipped } = await tick(openSource(folder));
    expect(newsOf(episodes)).toEqual(["changed a/b/c.md"]);
    expect(skipped).toEqual({ symlink_folder: 1, symlink_broken: 3 });
  });

  it("that lose their file make a deletion", async () => {
    const folder = tempFolder({ "real.txt": "words" });
    link(folder, "alias.md", "real.txt");
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, "real.txt");
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["deleted alias.md"]);
  });

  it("that take a document's place and lead elsewhere show nothing of it, and delete nothing", async () => {
    const elsewhere = tempFolder({ "secret.md": "s" });
    const folder = tempFolder({ "a.md": "a" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, "a.md");
    link(folder, "a.md", join(elsewhere, "secret.md"));
    expect(await tick(source, cursor)).toMatchObject({ episodes: [], skipped: { symlink_outside: 1 } });
  });

  it("that take a file's place between the walk and the reading are not followed elsewhere", async () => {
    const elsewhere = tempFolder({ "secret.md": "the secret" });
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${100 + n}.md`, "a"]));
    const folder = tempFolder({ ...files, "later/x.md": "x" });
    const pages = openSource(folder).pages(undefined, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    // The walk is about to enter `later` as a folder.
    rmSync(join(folder, "later"), { recursive: true });
    symlinkSync(elsewhere, join(folder, "later"));
    const second = await pages.next();
    expect(JSON.stringify(second)).not.toContain("the secret");
  });

  it("may be the folder itself", async () => {
    const folder = tempFolder({ "releases/1/a.md": "a" });
    link(folder, "current", "releases/1");
    expect(newsOf((await tick(openSource(folder, { path: "current" }))).episodes)).toEqual(["changed a.md"]);
  });
});

describe("the folder itself", () => {
  it("being missing is an error, deletes nothing, and passes", async () => {
    const parent = tempFolder({ "docs/a.md": "a" });
    const source = openSource(parent, { path: "docs" });
    const { cursor } = await tick(source);
    renameSync(join(parent, "docs"), join(parent, "away"));
    await expect(pagesOf(source, cursor)).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_MISSING", retryable: true });
    renameSync(join(parent, "away"), join(parent, "docs"));
    expect((await tick(source, cursor)).episodes).toEqual([]);
  });

  it("being a file is the same error", async () => {
    const parent = tempFolder({ docs: "not a folder" });
    await expect(pagesOf(openSource(parent, { path: "docs" }))).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_MISSING" });
  });

  const files = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`docs/${100 + n}.md`, "a"]));

  it.each(["gone", "replaced"])("%s in the middle of a walk deletes nothing", async (how) => {
    const parent = tempFolder(files);
    const source = openSource(parent, { path: "docs" });
    const { cursor } = await tick(source);
    for (const path of Object.keys(files)) write(parent, path, "changed");
    const pages = source.pages(cursor, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    renameSync(join(parent, "docs"), join(parent, "away"));
    if (how === "replaced") mkdirSync(join(parent, "docs"));
    await expect(pages.next()).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_MISSING" });
  });

  it("suddenly without a single entry looks unmounted; with any file in it, the deletions are reported", async () => {
    const parent = tempFolder(files);
    const source = openSource(parent, { path: "docs" });
    const { cursor } = await tick(source);
    remove(parent, "docs");
    mkdirSync(join(parent, "docs"));
    await expect(pagesOf(source, cursor)).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_EMPTY", retryable: true });
    write(parent, "docs/.keep", "");
    expect((await tick(source, cursor)).episodes).toHaveLength(150);
  });

  it("emptied of a handful of documents is believed", async () => {
    const folder = tempFolder({ "a.md": "a", "b.md": "b" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, "a.md");
    remove(folder, "b.md");
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["deleted a.md", "deleted b.md"]);
  });
});

describe("what cannot be read", () => {
  const isRoot = process.geteuid?.() === 0;
  afterEach(() => {
    if (isRoot) process.seteuid!(0);
  });
  /** The superuser may read everything: become another user. */
  function giveUpRights(folder: string): void {
    if (!isRoot) return;
    chownSync(folder, 65_534, 65_534);
    process.seteuid!(65_534);
  }

  it.each([
    ["a file", "sub/a.md"],
    ["a folder", "sub"],
  ])("is counted and not taken for deleted: %s", async (_, denied) => {
    const folder = tempFolder({ "b.md": "b", "sub/a.md": "a" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, "sub/a.md", "changed");
    chmodSync(join(folder, denied), 0);
    giveUpRights(folder);
    const during = await tick(source, cursor);
    expect(during).toMatchObject({ episodes: [], skipped: { unreadable: 1 }, cursor });
    if (isRoot) process.seteuid!(0);
    chmodSync(join(folder, denied), 0o755);
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["changed sub/a.md"]);
  });

  it("is an error of its own when it is the folder itself", async () => {
    const parent = tempFolder({ "docs/a.md": "a" });
    const source = openSource(parent, { path: "docs" });
    chmodSync(join(parent, "docs"), 0);
    giveUpRights(parent);
    await expect(pagesOf(source)).rejects.toMatchObject({ code: "MARKDOWN_FOLDER_UNREADABLE", retryable: true });
  });

  it("and is no file at all, is passed over: a named pipe, a folder with a document's name", async () => {
    const folder = tempFolder({ "a.md": "a", "folder.md/b.md": "b" });
    makePipe(folder, "pipe.md");
    link(folder, "link-to-pipe.md", "pipe.md");
    const { episodes, skipped } = await tick(openSource(folder));
    expect(newsOf(episodes)).toEqual(["changed a.md", "changed folder.md/b.md"]);
    expect(skipped).toEqual({ not_a_file: 1 });
  });

  it("is passed over when a named pipe takes a file's place during the walk", async () => {
    const files = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`${100 + n}.md`, "a"]));
    const folder = tempFolder(files);
    const pages = openSource(folder).pages(undefined, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    unlinkSync(join(folder, "200.md"));
    makePipe(folder, "200.md");
    expect((await pages.next()).value).toMatchObject({ episodes: [], skipped: { not_a_file: 1 } });
  });
});

describe("names", () => {
  it.each([
    "with space.md",
    "line\nend.md",
    "Überblick – 概要 🚀.md",
    "e\u0301 decomposed.md",
    "__proto__.md",
    "a|b.md",
    "[brackets] {braces} (x) !.md",
    "back\\slash.md",
    "-dash.md",
    "%2e%2e.md",
  ])("are kept as they are: %j", async (name) => {
    const folder = tempFolder({ [name]: "words" });
    const source = openSource(folder);
    const { episodes, cursor } = await tick(source);
    expect(episodes.map((episode) => episode.source.id)).toEqual([name]);
    expect(episodes[0]!.text.split("\n")).toHaveLength(2);
    expect(await pagesOf(source, cursor)).toEqual([]);
    remove(folder, name);
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual([`deleted ${name}`]);
  });
});
