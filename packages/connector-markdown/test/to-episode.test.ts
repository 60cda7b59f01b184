import { describe, expect, it } from "vitest";
import { type DocumentVersion, toChangedEpisode } from "../src/to-episode.ts";

const nowMs = Date.UTC(2026, 0, 1);

function episode(content: string | Uint8Array, version: Partial<DocumentVersion> = {}) {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const base = {
    sourceName: "handbook",
    path: "docs/setup-guide.md",
    bytes,
    hash: "h",
    modifiedMs: nowMs - 1000,
    nowMs,
    repetition: undefined,
  };
  return toChangedEpisode({ ...base, ...version });
}

describe("text", () => {
  it.each<[string, string, string]>([
    [
      "the frontmatter's title",
      "---\ntitle: From above\n---\n# From below\n\nBody",
      "From above (docs/setup-guide.md)\n\n# From below\n\nBody",
    ],
    ["the first heading, which is not repeated", "\n# Set up ##\n\nBody", "Set up (docs/setup-guide.md)\n\nBody"],
    ["a heading further down", "[badge]\n\n# Set up\nBody", "Set up (docs/setup-guide.md)\n\n[badge]\n\n# Set up\nBody"],
    ["the file's name", "Body\n", "setup-guide (docs/setup-guide.md)\n\nBody"],
    [
      "the name, when a heading is a comment in code",
      "```sh\n# install\n```",
      "setup-guide (docs/setup-guide.md)\n\n```sh\n# install\n```",
    ],
    ["the name, when a heading has no words", "#\n\n#hashtag", "setup-guide (docs/setup-guide.md)\n\n#\n\n#hashtag"],
    ["a heading alone", "# Set up", "Set up (docs/setup-guide.md)\n\n(empty document)"],
    ["nothing", "", "setup-guide (docs/setup-guide.md)\n\n(empty document)"],
  ])("begins with title and path: %s", (_, source, text) => {
    expect(episode(source).text).toBe(text);
  });

  it("says date and tags before the body", () => {
    const { text, metadata } = episode("---\ndate: 2026-01-02\ntags:\n  - a b\n  - 7\n---\nBody");
    expect(text).toBe("setup-guide (docs/setup-guide.md)\nDate: 2026-01-02\nTags: a b, 7\n\nBody");
    expect(metadata).toMatchObject({ date: "2026-01-02", tags: ["a b", "7"] });
  });

  it.each<[string, string | Uint8Array, string]>([
    ["CRLF", "one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["a byte order mark", "\uFEFFwords", "words"],
    ["NUL", "a\0b", "ab"],
    ["bytes that are not UTF-8", new Uint8Array([0x61, 0xff, 0x62]), "a\uFFFDb"],
  ])("is cleaned of %s", (_, content, body) => {
    expect(episode(content).text.split("\n\n").at(-1)).toBe(body);
  });

  it("reads frontmatter behind a byte order mark and with CRLF", () => {
    expect(episode("\uFEFF---\r\ntitle: T\r\n---\r\nBody").text).toBe("T (docs/setup-guide.md)\n\nBody");
  });
});

describe("frontmatter", () => {
  const deep = `a: ${"[".repeat(15_000)}`;
  const bomb = `a: &a [x,x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? "a" : `b${n - 1}`},*${n === 0 ? "a" : `b${n - 1}`}]`).join("\n")}`;
  it.each([
    ["a colon too many", "title: a: b"],
    ["an open bracket", "tags: [a"],
    ["a key twice", "title: a\ntitle: b"],
    ["an unknown alias", "a: *b"],
    ["fifteen thousand levels", deep],
    ["aliases that multiply", bomb],
  ])("that is broken stays in the body: %s", (_, block) => {
    const source = `---\n${block}\n---\nBody`;
    const { text, metadata } = episode(source);
    expect(metadata).toMatchObject({ frontmatter_broken: true });
    expect(text.startsWith(`setup-guide (docs/setup-guide.md)\n\n---\n${block.slice(0, 50)}`)).toBe(true);
  });

  it.each([
    ["no closing line", "---\ntitle: T\n\nBody"],
    ["a text between two rules", "---\nJust a text.\n---\nBody"],
    ["a rule further down", "Body\n---\ntitle: T\n---\n"],
    ["four dashes", "----\ntitle: T\n----\nBody"],
  ])("is none: %s", (_, source) => {
    expect(episode(source)).toMatchObject({ title: "setup-guide", text: expect.stringContaining(source.trim()) });
    expect(episode(source).metadata).not.toHaveProperty("frontmatter_broken");
  });

  it.each([
    ["empty", "---\n---\nBody"],
    ["only a comment", "---\n# nothing\n---\nBody"],
    ["closed with dots", "---\nlayout: x\n...\nBody"],
    ["of other fields", "---\nlayout: x\n---\nBody"],
    ["of fields of other types", "---\ntitle: [a]\ndate: {y: 2026}\ntags: {a: 1}\n---\nBody"],
    ["with a __proto__", "---\n__proto__: {title: evil}\n---\nBody"],
  ])("leaves the body alone: %s", (_, source) => {
    const { text, metadata } = episode(source);
    expect(text).toBe("setup-guide (docs/setup-guide.md)\n\nBody");
    expect(Object.keys(metadata!)).toEqual(["path", "content_hash", "bytes"]);
  });

  it.each([
    ["a version", "title: 1.10", "1.10", undefined],
    ["a number with zeros", "title: 007", "007", undefined],
    ["a word of YAML", "title: true", "true", undefined],
    ["a year as the only tag", "title: T\ntags: 2024", "T", ["2024"]],
    ["tags of several kinds", "title: T\ntags: [1.0, yes, 0x1F, a]", "T", ["1.0", "yes", "0x1F", "a"]],
    ["no value", "title: null\ntags: ~", "setup-guide", undefined],
  ])("keeps values as they are written: %s", (_, block, title, tags) => {
    const { title: shown, metadata } = episode(`---\n${block}\n---\nBody`);
    expect(shown).toBe(title);
    expect(metadata?.["tags"]).toEqual(tags);
  });

  it("takes tags written in one line, and a title of several lines", () => {
    expect(episode("---\ntitle: >\n  two\n  lines\ntags: a, b ,\n---\nBody").text).toBe(
      "two lines (docs/setup-guide.md)\nTags: a, b\n\nBody",
    );
  });
});

describe("occurred_at", () => {
  it.each<[string, number, string]>([
    ["the file's mtime", Date.UTC(2020, 5, 1, 12, 30, 0, 123), "2020-06-01T12:30:00.123Z"],
    ["now, when that is ahead of our clock", nowMs + 5000, "2026-01-01T00:00:00.000Z"],
    ["now, when that is beyond the calendar", 1e20, "2026-01-01T00:00:00.000Z"],
    ["1970, when that is before it", -5000, "1970-01-01T00:00:00.000Z"],
    ["the millisecond", Date.UTC(2020, 0, 1) + 0.75, "2020-01-01T00:00:00.000Z"],
  ])("is %s", (_, modifiedMs, iso) => {
    expect(episode("x", { modifiedMs }).occurred_at).toBe(iso);
  });
});
