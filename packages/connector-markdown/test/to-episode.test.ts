import { describe, expect, it } from "vitest";
import type { DocumentVersion } from "../src/document/document-version.ts";
import { toEpisodes } from "../src/to-episode.ts";

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
  const [whole] = toEpisodes({ ...base, ...version }, { hasCandidates: false }).episodes;
  return whole!;
}

describe("the text of a whole document", () => {
  it.each<[string, string, string]>([
    ["the frontmatter's title", "---\ntitle: From above\n---\n# From below\n\nBody", "From above\nFrom below Body"],
    ["the first heading, which is not repeated", "\n# Set up ##\n\nBody", "Set up\nBody"],
    ["an underlined heading, which is not repeated", "Set up\n===\n\nBody", "Set up\nBody"],
    ["a heading further down", "[badge]\n\n# Set up\nBody", "Set up\n[badge] Set up Body"],
    ["a heading of HTML behind a logo", '<img src="a.svg">\n<h1 align="center">\nSet up\n</h1>\n\nBody', "Set up\nSet up Body"],
    ["a heading without its markup", "# **Set** [up](x.md) `now`\n\nBody", "Set up now\nBody"],
    ["the file's name", "Body\n", "setup-guide\nBody"],
    ["the name, when a heading is a comment in code", "```sh\n# install\n```", "setup-guide\n# install"],
    ["the name, when a heading has no words", "#\n\n#hashtag", "setup-guide\n# #hashtag"],
    ["a heading alone", "# Set up", "Set up\n(empty document)"],
    ["nothing", "", "setup-guide\n(empty document)"],
  ])("begins with title and path, then the words on one line: %s", (_, source, text) => {
    expect(episode(source).text).toBe(text.replace("\n", " (docs/setup-guide.md)\n"));
  });

  it("is two lines for its first 500 characters, and keeps what is behind them", () => {
    const lines = Array.from({ length: 40 }, (_, n) => `Line ${n} of the guide.`);
    const { text } = episode(`# Set up\n\n${lines.join("\n")}\n\n\`\`\`sh\nnpm start\n\`\`\``);
    expect(text.slice(0, 500).split("\n")).toHaveLength(2);
    for (const line of lines) expect(text).toContain(line);
    expect(text).toContain("```sh\nnpm start\n```");
  });

  it("says the description first, then the body, then what else is known", () => {
    const { text, metadata } = episode(
      "---\ndescription: How to begin.\ndate: 2026-01-02\ntags:\n  - a b\n  - 7\naliases: [start]\nseverity: high\n---\nBody",
    );
    expect(text).toBe(
      "setup-guide (docs/setup-guide.md)\nHow to begin. Body Date: 2026-01-02 Tags: a b, 7 Aliases: start severity: high",
    );
    expect(metadata).toMatchObject({
      description: "How to begin.",
      date: "2026-01-02",
      tags: ["a b", "7"],
      aliases: ["start"],
      frontmatter: { severity: "high" },
    });
  });

  it.each<[string, string | Uint8Array, string]>([
    ["CRLF", "one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["a byte order mark", "\uFEFFwords", "words"],
    ["NUL", "a\0b", "ab"],
    ["bytes that are not UTF-8", new Uint8Array([0x61, 0xff, 0x62]), "a\uFFFDb"],
  ])("is cleaned of %s", (_, content, body) => {
    expect(episode(content).text.split("\n")[1]).toBe(body.replaceAll("\n", " "));
  });

  it.each([
    ["general/resources/employee-policies/work-schedules.md", "…/resources/employee-policies/work-schedules.md"],
    [`${"a".repeat(20)}/${"b".repeat(28)}.md`, `…/${"b".repeat(28)}.md`],
    [`docs/${"b".repeat(60)}.md`, `…${"b".repeat(44)}.md`],
    [`docs/${"💥".repeat(60)}.md`, `…${"💥".repeat(22)}.md`],
  ])("leaves out the first folders of a long path: %s", (path, shown) => {
    expect(episode("# T\n\nBody", { path }).text).toBe(`T (${shown})\nBody`);
  });

  it("reads frontmatter behind a byte order mark and with CRLF", () => {
    expect(episode("\uFEFF---\r\ntitle: T\r\n---\r\nBody").text).toBe("T (docs/setup-guide.md)\nBody");
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
    expect(text.startsWith(`setup-guide (docs/setup-guide.md)\n${block.replaceAll("\n", " ").slice(0, 15)}`)).toBe(true);
  });

  it.each([
    ["no closing line", "---\ntitle: T\n\nBody", "setup-guide"],
    ["a text between two rules", "---\nJust a text.\n---\nBody", "setup-guide"],
    ["a list between two rules", "---\n- one\n- two\n---\nBody", "setup-guide"],
    ["a rule further down", "Body\n\n---\ntitle: T\n\n---\n", "setup-guide"],
    ["four dashes", "----\ntitle: T\n\n----\nBody", "setup-guide"],
  ])("is none: %s", (_, source, expected) => {
    const { title, text } = episode(source);
    expect(title).toBe(expected);
    for (const word of source.match(/\w+/g) ?? []) expect(text).toContain(word);
    expect(episode(source).metadata).not.toHaveProperty("frontmatter_broken");
  });

  it.each([
    ["empty", "---\n---\nBody"],
    ["only a comment", "---\n# nothing\n---\nBody"],
    ["without values", "---\ntitle:\ntags: ~\ndate: null\n---\nBody"],
  ])("leaves the body alone: %s", (_, source) => {
    const { text, metadata } = episode(source);
    expect(text).toBe("setup-guide (docs/setup-guide.md)\nBody");
    expect(Object.keys(metadata!)).toEqual(["path", "content_hash", "bytes"]);
  });

  it.each([
    ["closed with dots", "---\nowner: x\n...\nBody", "owner: x"],
    ["a sentence with a colon between two rules", "---\nNote: call the bank\n---\nBody", "Note: call the bank"],
    ["a list", "---\nowners: [ann, bob]\n---\nBody", "owners: ann, bob"],
    [
      "a version in TOML",
      "+++\nversion = 1.10\nports = [8_080.0, 2.50] # two\na.b = 7\n+++\nBody",
      "version: 1.10 ports: 8_080.0, 2.50 a: b: 7",
    ],
    [
      "a date in TOML that no calendar has",
      "+++\nat = 2025-02-30T10:00:00Z\ndate = 2025-02-30\n+++\nBody",
      "Date: 2025-02-30 at: 2025-02-30T10:00:00Z",
    ],
    [
      "dates in TOML with a space, a small t and a small z",
      "+++\nat = 2025-02-30 10:00:00\nin = [2025-02-30t10:00:00z, 2025-02-28 10:00:00Z] # UTC\nv = 1.10\n+++\nBody",
      "at: 2025-02-30 10:00:00 in: 2025-02-30t10:00:00z, 2025-02-28T10:00:00.000Z v: 1.10",
    ],
    ["a text of several lines in TOML", '+++\nv = 2.5\nnote = """\nrate = 1.10\n"""\n+++\nBody', "v: 2.5 note: rate = 1.10"],
    ["a table", "---\nreview: {by: ann, at: 2026-01-02}\n---\nBody", "review: by: ann, at: 2026-01-02"],
    ["a field that is usually a text", "---\ndate: {y: 2026}\n---\nBody", "Date: y: 2026"],
    ["a __proto__", "---\n__proto__: {title: evil}\n---\nBody", "proto: title: evil"],
  ])("loses no word of other fields: %s", (_, source, words) => {
    expect(episode(source)).toMatchObject({ title: "setup-guide", text: `setup-guide (docs/setup-guide.md)\nBody ${words}` });
  });

  it("shows no settings of a program that makes pages of documents, and keeps them in the metadata", () => {
    const { text, metadata } = episode("---\nlayout: page\nWeight: 20\nredirect_from: [/a/]\nowner: Ann\n---\nBody");
    expect(text).toBe("setup-guide (docs/setup-guide.md)\nBody owner: Ann");
    expect(metadata).toMatchObject({ frontmatter: { layout: "page", Weight: "20", redirect_from: "/a/", owner: "Ann" } });
  });

  it.each([
    [
      "TOML between plus signs",
      '+++\ntitle = "Ports"\ndate = 2026-01-02\nweight = 30\ndraft = true\n[taxonomies]\ntags = ["a"]\n+++\n\nBody',
      "Ports (docs/setup-guide.md)\nBody Date: 2026-01-02 Tags: a draft: true taxonomies: tags: a",
    ],
    [
      "the properties of Logseq",
      "title:: Ports\ntags:: [[harbour]], tide\nowner:: ann\n\nBody",
      "Ports (docs/setup-guide.md)\nBody Tags: harbour, tide owner: ann",
    ],
    ["fields in upper case", "---\nTitle: Ports\nTags: a\n---\nBody", "Ports (docs/setup-guide.md)\nBody Tags: a"],
    ["a summary", "---\nsummary: In short.\n---\nBody", "setup-guide (docs/setup-guide.md)\nIn short. Body"],
  ])("is read as %s", (_, source, text) => {
    expect(episode(source).text).toBe(text);
  });

  it.each([
    ["TOML", "+++\ntitle = \n+++\nBody", true],
    ["TOML without an end", "+++\ntitle = 1\nBody", undefined],
  ])("stays in the body when it is broken: %s", (_, source, isBroken) => {
    const { text, metadata } = episode(source);
    expect(text).toContain("title =");
    expect(metadata?.["frontmatter_broken"]).toBe(isBroken);
  });

  it("keeps fields of any size and number within bounds", () => {
    const fields = Array.from({ length: 200 }, (_, n) => `key${n}: ${"x".repeat(60)}`).join("\n");
    const { metadata } = episode(`---\n${fields}\n---\nBody`);
    expect(Object.keys(metadata?.["frontmatter"] as object)).toHaveLength(50);
    const long = episode(`---\nnote: ${"word ".repeat(3_000)}\n---\nBody`).metadata?.["frontmatter"] as { note: string };
    expect(long.note.length).toBeLessThanOrEqual(500);
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
      "two lines (docs/setup-guide.md)\nBody Tags: a, b",
    );
  });
});

describe("the title of a document without one", () => {
  it.each([
    ["notes/plan.md", "plan"],
    ["README.md", "README"],
    ["packages/widgets/README.md", "widgets README"],
    ["guides/index.md", "guides"],
    ["content/posts/_index.md", "posts"],
    ["index.md", "index"],
  ])("of %s is %s", (path, title) => {
    expect(episode("Body", { path }).title).toBe(title);
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
