import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { below, link, newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const { signal } = new AbortController();
const checkOf = async (folder: string, entry: Record<string, unknown> = {}) =>
  (await openSource(folder, entry).check!(signal)).map(({ message }) => message);

describe("names that are not UTF-8", () => {
  const latin1 = (text: string) => Buffer.from(text, "latin1");

  it.each(["café.md", "Übersicht.MARKDOWN", "\u00ff.md"])(
    "are left out under a reason that the run and the check report: %s",
    async (name) => {
      const folder = tempFolder({ "a.md": "a" });
      writeFileSync(below(folder, latin1(name)), "words");
      const { episodes, skipped, cursor } = await tick(openSource(folder));
      expect(newsOf(episodes)).toEqual(["changed a.md"]);
      expect(skipped).toEqual({ name_not_utf8: 1 });
      expect((await tick(openSource(folder), cursor)).skipped).toEqual({ name_not_utf8: 1 });
      expect(await checkOf(folder)).toEqual([
        `1 document matches in ${folder}`,
        expect.stringMatching(/^1 left out as name_not_utf8 \(.*\): .*\uFFFD.*$/),
      ]);
    },
  );

  it("of a folder are left out with what is in it, and those of other files say nothing", async () => {
    const folder = tempFolder({ "a.md": "a" });
    const inside = below(folder, latin1("Entwürfe"));
    mkdirSync(inside);
    writeFileSync(below(inside, Buffer.from("b.md")), "b");
    writeFileSync(below(folder, latin1("süß.jpg")), "no document");
    expect(await tick(openSource(folder))).toMatchObject({ skipped: { name_not_utf8: 1 } });
    expect((await tick(openSource(folder, { exclude: ["Entw*/**"] }))).skipped).toEqual({});
  });
});

describe("endings", () => {
  it.each(["README.MD", "Notes.Markdown", "a.mD"])("are those of documents in any case: %s", async (name) => {
    expect(newsOf((await tick(openSource(tempFolder({ [name]: "words" })))).episodes)).toEqual([`changed ${name}`]);
  });
});

const composed = (text: string) => text.normalize("NFC");
const decomposed = (text: string) => text.normalize("NFD");

describe("names with accents", () => {
  it.each([
    ["a folder", "Orçamento/**", "Orçamento/secret.md"],
    ["a file", "**/Gehälter*.md", "hr/Gehälter 2024.md"],
    ["Korean", "비밀/**", "비밀/secret.md"],
    ["other letters in another case", "ÉTAT/**", "état/secret.md"],
  ])("are left out however the file system and the pattern compose them: %s", async (_, pattern, path) => {
    for (const [spelledPattern, spelledPath] of [
      [composed(pattern), decomposed(path)],
      [decomposed(pattern), composed(path)],
    ] as const) {
      const folder = tempFolder({ "a.md": "a", [spelledPath]: "the secret" });
      const { pages, episodes } = await tick(openSource(folder, { exclude: [spelledPattern] }));
      expect(newsOf(episodes)).toEqual(["changed a.md"]);
      expect(JSON.stringify(pages)).not.toContain("secret");
    }
  });

  it("that were delivered in another spelling before they were excluded are forgotten", async () => {
    const folder = tempFolder({ "a.md": "a", [decomposed("Orçamento/b.md")]: "b" });
    const { cursor } = await tick(openSource(folder));
    const excluded = await tick(openSource(folder, { exclude: [composed("Orçamento/**")] }), cursor);
    expect(excluded.episodes).toEqual([]);
    expect(excluded.cursor).not.toContain("b.md");
  });

  it.each([
    ["a file", "Café.md", "Café.md"],
    ["a folder", "Réunions", "Réunions/a.md"],
  ])("are no change when only their composition changes: %s", async (_, renamed, path) => {
    for (const [from, to] of [
      [composed, decomposed],
      [decomposed, composed],
    ] as const) {
      const folder = tempFolder({ [from(path)]: "words", "other.md": "o" });
      const source = openSource(folder);
      const { cursor } = await tick(source);
      renameSync(join(folder, from(renamed)), join(folder, to(renamed)));
      expect((await tick(source, cursor)).episodes).toEqual([]);
      write(folder, to(path), "other words");
      const { episodes, cursor: next } = await tick(source, cursor);
      expect(newsOf(episodes)).toEqual([`changed ${from(path)}`]);
      remove(folder, to(path));
      expect(newsOf((await tick(source, next)).episodes)).toEqual([`deleted ${from(path)}`]);
    }
  });

  it("are two documents where the file system holds both", async () => {
    const folder = tempFolder({ [composed("é.md")]: "one" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, decomposed("é.md"), "two");
    const second = await tick(source, cursor);
    expect(newsOf(second.episodes)).toEqual([`changed ${decomposed("é.md")}`]);
    expect(await pagesOf(source, second.cursor)).toEqual([]);
    remove(folder, composed("é.md"));
    expect(newsOf((await tick(source, second.cursor)).episodes)).toEqual([`deleted ${composed("é.md")}`]);
  });

  it("name the folder itself in either spelling", async () => {
    const parent = tempFolder({ [decomposed("Größe/a.md")]: "a" });
    expect(newsOf((await tick(openSource(parent, { path: composed("Größe") }))).episodes)).toEqual(["changed a.md"]);
  });
});

describe("exclude", () => {
  it.each([["drafts"], ["drafts/"], ["./drafts/**"], ["DRAFTS"], ["**/drafts"], ["{drafts,old}/**"]])(
    "leaves out a folder with all that lies in it: %s",
    async (pattern) => {
      const folder = tempFolder({ "a.md": "a", "drafts/b.md": "b", "drafts/.deep/c.md": "c" });
      expect(newsOf((await tick(openSource(folder, { exclude: [pattern] }))).episodes)).toEqual(["changed a.md"]);
    },
  );

  it("leaves out a file by its own name only", async () => {
    const folder = tempFolder({ "draft.md": "a", "draft.md.md": "b", "x/draft.md": "c" });
    expect(newsOf((await tick(openSource(folder, { exclude: ["draft.md"] }))).episodes)).toEqual([
      "changed draft.md.md",
      "changed x/draft.md",
    ]);
  });
});

describe("copies made because of a conflict", () => {
  const certain = [
    "a.sync-conflict-20240131-093612-ABCDEFG.md",
    "a.sync-conflict-20240131-093612.md",
    "a (conflicted copy).md",
    "a (conflicted copy 2018-04-10 093612).md",
    "a (Jane's MacBook's conflicted copy 2024-01-31).md",
    "a (Jane's conflicted copy 2024-01-31) (1).md",
    "a (Conflicted copy phone 202401310936).md",
    "a_conflict-20180410-093612.md",
    "a (SFConflict jane@x.example 2024-01-31-09-36-12).md",
    "a (Case Conflict).md",
    "a (Unicode Encoding Conflict 1).md",
    "a (Copie en conflit de Jeanne 2024-01-31).md",
  ];
  const besideOriginal = [
    "a-DESKTOP-A1B2C3D.md",
    "a-LAPTOP-A1B2C3D4.md",
    "a [Conflict].md",
    "a (Conflict 2).md",
    "a_conf(1).md",
    "a_nas-1_Jan-31-093612-2024_Conflict.md",
  ];

  it.each([...certain, ...besideOriginal])("are left out and reported: %s", async (name) => {
    const folder = tempFolder({ "a.md": "a", [name]: "copy" });
    const { episodes, skipped } = await tick(openSource(folder));
    expect(newsOf(episodes)).toEqual(["changed a.md"]);
    expect(skipped).toEqual({ sync_conflict: 1 });
    expect(await checkOf(folder)).toContainEqual(expect.stringContaining(`1 left out as sync_conflict`));
  });

  it.each(certain)("are left out without their original: %s", async (name) => {
    expect((await tick(openSource(tempFolder({ [name]: "copy" })))).skipped).toEqual({ sync_conflict: 1 });
  });

  it.each([
    ...besideOriginal,
    "War (and conflict management).md",
    "conflict.md",
    "How to resolve a conflicted copy.md",
    "a (1).md",
    "a-desktop.md",
    "(conflicted copy).md",
    "sync-conflict.md",
  ])("are not suspected in other names: %s", async (name) => {
    expect(newsOf((await tick(openSource(tempFolder({ [name]: "words" })))).episodes)).toEqual([`changed ${name}`]);
  });

  it("are read with sync_conflicts", async () => {
    const folder = tempFolder({ "a.md": "a", "a (conflicted copy).md": "copy" });
    expect((await tick(openSource(folder, { sync_conflicts: true }))).episodes).toHaveLength(2);
  });

  it("that an earlier release delivered are forgotten, and not deleted", async () => {
    const folder = tempFolder({ "a.md": "a", "a (conflicted copy).md": "copy" });
    const { cursor } = await tick(openSource(folder, { sync_conflicts: true }));
    const later = await tick(openSource(folder), cursor);
    expect(later.episodes).toEqual([]);
    remove(folder, "a (conflicted copy).md");
    expect((await tick(openSource(folder), later.cursor)).episodes).toEqual([]);
  });
});

describe("files that are not on this machine", () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;

  it.each([
    ["iCloud", ".Note.md.icloud", "bplist00"],
    ["iCloud of old", ".Note.md-tef.icloud", "bplist00"],
    ["Nextcloud", "Note.md.nextcloud", " "],
    ["ownCloud", "Note.md.owncloud", " "],
    ["Git LFS", "Note.md", pointer],
  ])("are counted, and no deletion and no change: %s", async (_, placeholder, content) => {
    const folder = tempFolder({ "sub/Note.md": "words", "other.md": "o" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, "sub/Note.md");
    write(folder, `sub/${placeholder}`, content);
    const during = await tick(source, cursor);
    expect(during).toMatchObject({ episodes: [], skipped: { not_on_this_machine: 1 } });
    expect(await checkOf(folder)).toContainEqual(expect.stringMatching(/^1 left out as not_on_this_machine .*sub\/Note\.md$/));
    remove(folder, `sub/${placeholder}`);
    write(folder, "sub/Note.md", "words");
    expect((await tick(source, during.cursor)).episodes).toEqual([]);
    remove(folder, "sub/Note.md");
    expect(newsOf((await tick(source, during.cursor)).episodes)).toEqual(["deleted sub/Note.md"]);
  });

  it("are recognised as links of git-annex", async () => {
    const folder = tempFolder();
    link(folder, "a.md", "../.git/annex/objects/xx/yy/SHA256E-s5--1.md");
    expect((await tick(openSource(folder))).skipped).toEqual({ not_on_this_machine: 1 });
  });

  it("say nothing of files that are no documents, excluded or there", async () => {
    const folder = tempFolder({
      ".photo.jpg.icloud": "x",
      "drafts/.a.md.icloud": "x",
      "b.md": "b",
      ".b.md.icloud": "x",
      ".icloud": "x",
    });
    const { episodes, skipped } = await tick(openSource(folder, { exclude: ["drafts/**"] }));
    expect(newsOf(episodes)).toEqual(["changed b.md"]);
    expect(skipped).toEqual({});
  });

  it("in another composition are not deleted", async () => {
    const folder = tempFolder({ [composed("Café.md")]: "words" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    remove(folder, composed("Café.md"));
    write(folder, `.${decomposed("Café.md")}.icloud`, "x");
    expect((await tick(source, cursor)).episodes).toEqual([]);
  });
});
