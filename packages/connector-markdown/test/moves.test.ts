import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keysOf, newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const words = "# Guide\n\nHow to begin.\n";

function move(folder: string, from: string, to: string): void {
  mkdirSync(join(folder, to, ".."), { recursive: true });
  renameSync(join(folder, from), join(folder, to));
}

describe.each(["sections", "document"])("a document that is moved (split = %j)", (split) => {
  it("is reported as moved, and its content is not sent again", async () => {
    const folder = tempFolder({ "old.md": words, "z.md": "z" });
    const source = openSource(folder, { split, base_url: "https://docs.example.com/" });
    const { cursor } = await tick(source);
    move(folder, "old.md", "guides/new.md");
    const { episodes, cursor: next } = await tick(source, cursor);
    expect(episodes).toMatchObject([
      {
        subject: "docs:handbook",
        kind: "markdown.document.moved",
        text: "The document old.md was moved to guides/new.md.",
        source: { type: "markdown.document", id: "guides/new.md", url: "https://docs.example.com/guides/new.md" },
        metadata: { path: "guides/new.md", moved_from: "old.md" },
      },
    ]);
    expect(await pagesOf(source, next)).toEqual([]);
  });

  it("is found in either direction of the walk, with its whole folder", async () => {
    const folder = tempFolder({ "a/1.md": "one", "a/2.md": "two", "m.md": "m" });
    const source = openSource(folder, { split });
    const first = await tick(source);
    move(folder, "a", "z");
    const second = await tick(source, first.cursor);
    expect(newsOf(second.episodes)).toEqual(["moved z/1.md", "moved z/2.md"]);
    move(folder, "z", "b");
    const third = await tick(source, second.cursor);
    expect(newsOf(third.episodes)).toEqual(["moved b/1.md", "moved b/2.md"]);
    expect(await pagesOf(source, third.cursor)).toEqual([]);
  });

  it("to and fro is news each time, the same however often it is read", async () => {
    const folder = tempFolder({ "a.md": words });
    const source = openSource(folder, { split });
    let { cursor } = await tick(source);
    const keys: string[] = [];
    for (const [from, to] of [
      ["a.md", "b.md"],
      ["b.md", "a.md"],
      ["a.md", "b.md"],
      ["b.md", "a.md"],
    ] as const) {
      move(folder, from, to);
      const done = await tick(source, cursor);
      expect(keysOf((await tick(source, cursor)).episodes)).toEqual(keysOf(done.episodes));
      keys.push(...keysOf(done.episodes));
      cursor = done.cursor;
    }
    expect(new Set(keys).size).toBe(4);
  });

  it("is a new document when it was changed on the way, and a copy when the old one is still there", async () => {
    const folder = tempFolder({ "a.md": words, "b.md": "b" });
    const source = openSource(folder, { split });
    const first = await tick(source);
    move(folder, "a.md", "c.md");
    writeFileSync(join(folder, "c.md"), `${words}More.\n`);
    write(folder, "copy.md", "b");
    const { episodes } = await tick(source, first.cursor);
    expect(newsOf(episodes)).toEqual(["changed c.md", "changed copy.md", "deleted a.md"]);
  });

  it("leaves its place to another document, whose content is news even if it is the same", async () => {
    const folder = tempFolder({ "a.md": words });
    const source = openSource(folder, { split });
    const first = await tick(source);
    move(folder, "a.md", "b.md");
    const second = await tick(source, first.cursor);
    write(folder, "a.md", words);
    const third = await tick(source, second.cursor);
    expect(newsOf(third.episodes)).toEqual(["changed a.md"]);
    expect(keysOf(first.episodes)).not.toContain(keysOf(third.episodes)[0]);
  });

  it("is deleted under its new path", async () => {
    const folder = tempFolder({ "a.md": words, "b.md": "b" });
    const source = openSource(folder, { split });
    const first = await tick(source);
    move(folder, "a.md", "c.md");
    const second = await tick(source, first.cursor);
    remove(folder, "c.md");
    expect(newsOf((await tick(source, second.cursor)).episodes)).toEqual(["deleted c.md"]);
  });
});
