import { describe, expect, it } from "vitest";
import { newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const words = "# Größe\n\nCafé – naïve “words” €";
const utf16le = (text: string) => Buffer.from(text, "utf16le");
const utf16be = (text: string) => utf16le(text).swap16();

async function textOf(content: Uint8Array): Promise<string | undefined> {
  const { episodes } = await tick(openSource(tempFolder({ "a.md": content })));
  return episodes[0]?.text;
}

describe("a document", () => {
  it.each<[string, Uint8Array]>([
    ["UTF-8", Buffer.from(words)],
    ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${words}`)],
    ["UTF-16 LE with a byte order mark", utf16le(`\uFEFF${words}`)],
    ["UTF-16 BE with a byte order mark", utf16be(`\uFEFF${words}`)],
    [
      "Windows-1252",
      Buffer.from(words.replace("–", "\x96").replace("“", "\x93").replace("”", "\x94").replace("€", "\x80"), "latin1"),
    ],
    ["UTF-8 with bytes of Windows-1252 in it", Buffer.concat([Buffer.from(words.slice(0, -1)), Buffer.of(0x80)])],
  ])("in %s is read as its words", async (_, content) => {
    expect(await textOf(content)).toBe("Größe (a.md)\nCafé – naïve “words” €");
  });

  it.each<[string, Uint8Array, string]>([
    ["CRLF in UTF-16", utf16le("\uFEFF---\r\ntitle: T\r\n---\r\nBody 💥"), "T (a.md)\nBody 💥"],
    ["a short word in Latin-1", Buffer.from("# é\n", "latin1"), "é (a.md)\n(empty document)"],
    ["French in Latin-1", Buffer.from("Les élèves créées à Noël, déjà.".repeat(50), "latin1"), "élèves créées à Noël"],
    ["German in Latin-1", Buffer.from("Öl für Süßes, Gemüse, Äpfel. ".repeat(50), "latin1"), "Öl für Süßes"],
    ["colours of a terminal", Buffer.from("\x1b[31mred\x1b[0m and tabs\tand a form feed\f"), "red"],
    ["no words at all", Buffer.alloc(0), "(empty document)"],
  ])("is read: %s", async (_, content, part) => {
    const text = await textOf(content);
    expect(text).toContain(part);
    expect(text).not.toContain("\uFFFD");
  });

  it("says how it was encoded when that is not UTF-8", async () => {
    const folder = tempFolder({ "a.md": Buffer.from("é", "latin1"), "b.md": utf16be("\uFEFFé"), "c.md": "é" });
    const { episodes } = await tick(openSource(folder));
    expect(episodes.map(({ metadata }) => metadata?.["encoding"])).toEqual(["windows-1252", "utf-16be", undefined]);
  });
});

describe("what is not text", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  const russian = Buffer.from("cff0e8e2e5f220ece8f02c20fdf2ee20f2e5eaf1f2", "hex");
  const japanese = Buffer.from("82b182f182c982bf82cd90a28a45", "hex");
  const chinese = Buffer.from("c4e3bac3cac0bde7", "hex");

  it.each<[string, string, Uint8Array]>([
    ["binary", "a picture", png],
    ["binary", "a text with a NUL", Buffer.from("words\0words")],
    ["binary", "nothing but NUL", Buffer.alloc(4096)],
    ["binary", "control characters", Buffer.from("\x01\x02\x03 words")],
    ["binary", "control characters behind a byte order mark", utf16le("\uFEFF\u0001\u0002\u0003 words")],
    ["unknown_encoding", "UTF-16 LE without a byte order mark", utf16le(words)],
    ["unknown_encoding", "UTF-16 BE without a byte order mark", utf16be(words)],
    ["unknown_encoding", "half of a UTF-16 character", utf16le("\uFEFFwords").subarray(0, -1)],
    ["unknown_encoding", "UTF-32", Buffer.from("fffe000041000000", "hex")],
    ["unknown_encoding", "Russian in Windows-1251", russian],
    ["unknown_encoding", "Japanese in Shift JIS", japanese],
    ["unknown_encoding", "Chinese in GBK", chinese],
  ])("is left out as %s, in every run and in the check: %s", async (reason, _, content) => {
    const folder = tempFolder({ "a.md": content, "b.md": "b" });
    const source = openSource(folder);
    const { episodes, skipped, cursor } = await tick(source);
    expect(newsOf(episodes)).toEqual(["changed b.md"]);
    expect(skipped).toEqual({ [reason]: 1 });
    expect((await tick(source, cursor)).skipped).toEqual({ [reason]: 1 });
    expect((await source.check!(new AbortController().signal)).map(({ message }) => message)).toEqual([
      `1 document matches in ${folder}`,
      expect.stringMatching(new RegExp(`^1 left out as ${reason} \\(.*\\): a\\.md$`)),
    ]);
  });

  it("is no deletion of the document it was before, nor news when that returns", async () => {
    const folder = tempFolder({ "a.md": "words" });
    const source = openSource(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", png);
    expect(await tick(source, cursor)).toMatchObject({ episodes: [], skipped: { binary: 1 }, cursor });
    write(folder, "a.md", "words");
    expect((await tick(source, cursor)).episodes).toEqual([]);
    remove(folder, "a.md");
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["deleted a.md"]);
  });

  it("is judged quickly at any size", async () => {
    const size = 1024 * 1024;
    const folder = tempFolder({
      "alternating.md": Buffer.from("aé".repeat(size / 2), "latin1"),
      "random.md": Buffer.from(Array.from({ length: size }, (_, at) => ((at * 7919) % 255) + 1)),
    });
    expect((await pagesOf(openSource(folder))).length).toBeGreaterThan(0);
  });
});
