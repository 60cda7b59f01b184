import { createHash } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idempotencyKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { keysOf, newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${String(n).padStart(4, "0")}.md`, `# ${n}\n`]));

describe("the first walk", () => {
  it("makes one whole episode of a document", async () => {
    const folder = tempFolder();
    const content = "---\ntitle: Getting started\ntags: [intro]\n---\nWelcome.\n";
    write(folder, "guides/start.md", content, 1_700_000_000);
    const { episodes } = await tick(openSource(folder));
    const hash = createHash("sha256").update(content).digest("base64url").slice(0, 22);
    expect(episodes).toEqual([
      {
        subject: "docs:handbook",
        kind: "markdown.document.changed",
        title: "Getting started",
        text: "Getting started (guides/start.md)\nWelcome. Tags: intro",
        occurred_at: "2023-11-14T22:13:20.000Z",
        source: { type: "markdown.document", id: "guides/start.md" },
        idempotency_key: idempotencyKey("markdown", "handbook", "markdown.document.changed", hash, "", "guides/start.md"),
        metadata: {
          path: "guides/start.md",
          content_hash: hash,
          bytes: content.length,
          title: "Getting started",
          tags: ["intro"],
        },
      },
    ]);
  });

  it("finds the documents in the order of their names, whatever order they were written in", async () => {
    const folder = tempFolder({ "b.md": "b", "a/z.md": "z", "a.md": "a", "a/a/a.markdown": "aa", "c.txt": "c" });
    expect(newsOf((await tick(openSource(folder))).episodes)).toEqual([
      "changed a/a/a.markdown",
      "changed a/z.md",
      "changed a.md",
      "changed b.md",
    ]);
  });

  it("gives the same keys for the same documents in another folder, and others under another entry's name", async () => {
    const files = { "a.md": "a", "b.md": "b" };
    const here = keysOf((await tick(openSource(tempFolder(files)))).episodes);
    expect(keysOf((await tick(openSource(tempFolder(files)))).episodes)).toEqual(here);
    const other = openSource(tempFolder(files), {}, { source: { kind: "markdown", name: "other" } });
    expect(keysOf((await tick(other)).episodes)).not.toEqual(here);
  });
});

describe("a later walk", () => {
  it("yields nothing when nothing changed", async () => {
    const source = openSource(tempFolder({ "a.md": "a", "b/c.md": "c" }));
    const { cursor } = await tick(source);
    expect(await pagesOf(source, cursor)).toEqual([]);
  });

  it("yields what is new, changed and gone, and nothing else", async () => {
    const folder = tempFolder({ "same.md": "s", "edited.md": "old", "gone.md": "g" });
    const source = openSource(folder);
    const first = await tick(source);
    write(folder, "edited.md", "new words");
    write(folder, "added.md", "a");
    remove(folder, "gone.md");
    const second = await tick(source, first.cursor);
    expect(newsOf(second.episodes)).toEqual(["changed added.md", "changed edited.md", "deleted gone.md"]);
    expect(await pagesOf(source, second.cursor)).toEqual([]);
  });

  it("reports a document that became a folder as deleted", async () => {
    const folder = tempFolder({ "a.md": "words" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, "a.md");
    mkdirSync(join(folder, "a.md"));
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["deleted a.md"]);
  });

  it("does not take a touched file for a changed one", async () => {
    const folder = tempFolder({ "a.md": "a" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", "a", 1_700_000_000);
    const second = await tick(source, cursor);
    expect(second.episodes).toEqual([]);
    expect(await pagesOf(source, second.cursor)).toEqual([]);
  });
});

describe("a deletion", () => {
  it("says what is gone, at the time it was missed", async () => {
    const folder = tempFolder({ "guides/start.md": "Welcome." });
    const clock = { ...systemClock, now: () => Date.UTC(2030, 0, 1) };
    const source = openSource(folder, {}, { clock });
    const { cursor } = await tick(source);
    remove(folder, "guides");
    expect((await tick(source, cursor)).episodes).toMatchObject([
      {
        subject: "docs:handbook",
        kind: "markdown.document.deleted",
        title: "start",
        text: "The document guides/start.md was deleted.",
        occurred_at: "2030-01-01T00:00:00.000Z",
        source: { type: "markdown.document", id: "guides/start.md" },
      },
    ]);
  });
});

describe("keys", () => {
  it("tell every step of a document apart, also on the way back to a former content", async () => {
    const folder = tempFolder();
    const source = openSource(folder);
    const steps = ["one", "three", "one", "three", undefined, "one", undefined, "one", undefined];
    const keys: string[] = [];
    let cursor: string | undefined;
    for (const content of steps) {
      if (content === undefined) remove(folder, "a.md");
      else write(folder, "a.md", content);
      const { episodes, cursor: next } = await tick(source, cursor);
      expect(episodes).toHaveLength(1);
      keys.push(...keysOf(episodes));
      cursor = next;
    }
    expect(new Set(keys).size).toBe(steps.length);
  });

  it("stay apart over many changes to and fro, while the cursor stays small", async () => {
    const folder = tempFolder();
    const source = openSource(folder);
    const keys = new Set<string>();
    let cursor: string | undefined;
    for (let step = 0; step < 150; step += 1) {
      write(folder, "a.md", step % 2 === 0 ? "one" : "three");
      const { episodes, cursor: next } = await tick(source, cursor);
      for (const key of keysOf(episodes)) keys.add(key);
      cursor = next;
    }
    expect(keys.size).toBe(150);
    expect(cursor!.length).toBeLessThan(500);
  });

  it("stay apart when a content comes back after more changes than are remembered", async () => {
    const folder = tempFolder();
    const source = openSource(folder);
    const contents = [...Array.from({ length: 70 }, (_, n) => "x".repeat(n + 1)), "x"];
    const keys: string[] = [];
    let cursor: string | undefined;
    for (const content of contents) {
      write(folder, "a.md", content);
      const { episodes, cursor: next } = await tick(source, cursor);
      keys.push(...keysOf(episodes));
      cursor = next;
    }
    expect(new Set(keys).size).toBe(contents.length);
  });

  it("of an edited document are the same after the cursor was lost", async () => {
    const folder = tempFolder({ "a.md": "first" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", "second version");
    const incremental = keysOf((await tick(source, cursor)).episodes);
    expect(keysOf((await tick(source)).episodes)).toEqual(incremental);
  });

  it("of a change are the same however often it is read", async () => {
    const folder = tempFolder({ "a.md": "one", "b.md": "b" });
    const source = openSource(folder);
    const first = await tick(source);
    write(folder, "a.md", "three");
    const second = await tick(source, first.cursor);
    write(folder, "a.md", "one");
    remove(folder, "b.md");
    const third = keysOf((await tick(source, second.cursor)).episodes);
    expect(keysOf((await tick(source, second.cursor)).episodes)).toEqual(third);
  });
});

describe("pages", () => {
  it("hold a hundred documents, and each cursor resumes exactly behind its page", async () => {
    const source = openSource(tempFolder(numbered(250)));
    const pages = await pagesOf(source);
    expect(pages.map((page) => page.episodes.length)).toEqual([100, 100, 50]);
    const all = keysOf(pages.flatMap((page) => page.episodes));
    expect(new Set(all).size).toBe(250);
    for (const [index, page] of pages.entries()) {
      const rest = await tick(source, page.cursor);
      expect(keysOf(rest.episodes)).toEqual(all.slice((index + 1) * 100));
    }
  });

  it("of deletions resume as well", async () => {
    const folder = tempFolder({ ...numbered(250), "keep.md": "k" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    for (const path of Object.keys(numbered(250))) remove(folder, path);
    const pages = await pagesOf(source, cursor);
    expect(pages.map((page) => page.episodes.length)).toEqual([100, 100, 50]);
    const all = keysOf(pages.flatMap((page) => page.episodes));
    expect(keysOf((await tick(source, pages[0]!.cursor)).episodes)).toEqual(all.slice(100));
    expect(await pagesOf(source, pages[2]!.cursor)).toEqual([]);
  });

  it("end at a mebibyte of text", async () => {
    const long = `${"word ".repeat(3270)}\n`;
    const source = openSource(tempFolder(Object.fromEntries(Object.keys(numbered(80)).map((path) => [path, long]))));
    expect((await pagesOf(source)).map((page) => page.episodes.length)).toEqual([65, 15]);
  });

  it("end with the reason as soon as the signal aborts", async () => {
    const source = openSource(tempFolder(numbered(150)));
    const controller = new AbortController();
    const pages = source.pages(undefined, controller.signal)[Symbol.asyncIterator]();
    await pages.next();
    controller.abort(new Error("stopping"));
    await expect(pages.next()).rejects.toThrow("stopping");
  });
});

describe("files that change while they are read", () => {
  it("that vanish during the walk are counted, and deleted if they were known", async () => {
    const folder = tempFolder(numbered(150));
    const source = openSource(folder);
    const { cursor } = await tick(source);
    for (const path of Object.keys(numbered(150))) write(folder, path, "changed");
    const pages = source.pages(cursor, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    remove(folder, "0120.md");
    const { value } = await pages.next();
    expect(value.skipped).toEqual({ vanished: 1 });
    expect(newsOf(value.episodes)).toContain("deleted 0120.md");
    expect(newsOf(value.episodes)).not.toContain("changed 0120.md");
  });

  it("are read again while their timestamps are less than 2 s old, and once more when those have settled", async () => {
    const folder = tempFolder({ "a.md": "a" });
    const { ctimeMs } = statSync(join(folder, "a.md"));
    let nowMs = ctimeMs + 1999;
    const source = openSource(folder, {}, { clock: { ...systemClock, now: () => nowMs } });
    const fresh = await tick(source);
    expect(JSON.parse(fresh.cursor!)).toMatchObject({ files: [["a.md", expect.any(String), ""]] });
    expect(await pagesOf(source, fresh.cursor)).toEqual([]);
    nowMs = ctimeMs + 2000;
    const settled = await tick(source, fresh.cursor);
    expect(settled.pages.map((page) => page.episodes)).toEqual([[]]);
    expect(JSON.parse(settled.cursor!)).toMatchObject({ files: [["a.md", expect.any(String), expect.stringMatching(/^1\./)]] });
    expect(await pagesOf(source, settled.cursor)).toEqual([]);
  });

  it("are noticed although size and mtime are as before", async () => {
    const folder = tempFolder();
    write(folder, "a.md", "one", 1_700_000_000);
    const source = openSource(folder);
    const first = await tick(source);
    write(folder, "a.md", "two", 1_700_000_000);
    // ctime may be as coarse as the kernel's timer: step over its interval.
    for (let tries = 0; tries < 100 && (await tick(source, first.cursor)).episodes.length === 0; tries += 1) {
      write(folder, "a.md", "two", 1_700_000_000);
    }
    expect(newsOf((await tick(source, first.cursor)).episodes)).toEqual(["changed a.md"]);
  });
});

describe("patterns", () => {
  const files = {
    "a.md": "a",
    "b.txt": "b",
    ".hidden.md": "h",
    ".github/pull_request_template.md": "t",
    ".git/description.md": "g",
    "node_modules/x/README.md": "x",
    "packages/p/node_modules/y/README.md": "y",
    "drafts/d.md": "d",
    "drafts/.notes/n.md": "n",
  };
  it.each<[string, Record<string, unknown>, string[]]>([
    ["by default", {}, ["a.md", "drafts/d.md"]],
    ["without drafts", { exclude: ["drafts/**"] }, ["a.md"]],
    ["one level only", { include: ["*.md"] }, ["a.md"]],
    ["other endings", { include: ["**/*.txt", "*.md"] }, ["a.md", "b.txt"]],
    ["hidden names on demand", { include: [".github/**/*.md", ".*.md"] }, [".github/pull_request_template.md", ".hidden.md"]],
    ["never .git and node_modules", { include: ["**/*.md", ".git/*.md", "node_modules/**/*.md"] }, ["a.md", "drafts/d.md"]],
    ["with exclude reaching hidden names", { include: ["drafts/**/.notes/*.md"], exclude: ["**/n.md"] }, []],
  ])("choose the documents: %s", async (_, entry, paths) => {
    const { episodes } = await tick(openSource(tempFolder(files), entry));
    expect(episodes.map((episode) => episode.source.id)).toEqual(paths);
  });

  it("that leave a known document out make no deletion of it", async () => {
    const folder = tempFolder({ "a.md": "a", "drafts/d.md": "d" });
    const { cursor } = await tick(openSource(folder));
    const narrowed = await tick(openSource(folder, { exclude: ["drafts/**"] }), cursor);
    expect(narrowed.episodes).toEqual([]);
    writeFileSync(join(folder, "drafts/d.md"), "dd");
    expect(newsOf((await tick(openSource(folder), narrowed.cursor)).episodes)).toEqual(["changed drafts/d.md"]);
  });
});

describe("a cursor", () => {
  it.each([
    "",
    "null",
    "{",
    "[]",
    '{"version":2,"files":[]}',
    '{"version":1,"files":[["a"]]}',
    '{"version":1,"files":[[1,2,3]]}',
  ])("that this version did not write is refused: %s", async (cursor) => {
    const folder = tempFolder({ "a.md": "a" });
    await expect(pagesOf(openSource(folder), cursor)).rejects.toMatchObject({
      code: "MARKDOWN_CURSOR_INVALID",
      retryable: false,
    });
  });
});
