import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { markdownFiles, repository } from "../docs/markdown-files.ts";
import { faultOf } from "../error-texts/form-of-error-text.ts";
import { type CodeProse, type Prose, proseOfCode, proseOfMarkdown } from "./collect-prose.ts";
import { phrases } from "./phrases.ts";

const codePatterns = [
  "{packages,apps}/*/{src,test,quickstart,bench}/**/*.ts",
  "apps/*/*.ts",
  "bench/**/*.ts",
  "{scripts,examples}/**/*.mjs",
];
const outside = /(^|\/)(node_modules|dist|corpora|fixtures)\/|^apps\/runner\/test\/language\//;

function codeFiles(): ReadonlyMap<string, string> {
  const paths = codePatterns.flatMap((pattern) =>
    globSync(pattern, { cwd: repository, exclude: (name) => outside.test(`/${name}/`) }),
  );
  const own = [...new Set(paths)].filter((path) => !outside.test(path)).toSorted();
  return new Map(own.map((path) => [path, readFileSync(join(repository, path), "utf8")]));
}

/** What programs of the repository say. A test may quote foreign texts, and a fake invents some. */
const isSource = (path: string) => /^(packages|apps)\/[^/]+\/src\/(?!testing\/)/.test(path);

function proseOf(path: string, text: string): CodeProse {
  if (path.endsWith(".md")) return { prose: proseOfMarkdown(text), logCalls: [] };
  const { prose, logCalls } = proseOfCode(path, text);
  return { prose: prose.filter(({ kind }) => kind !== "text" || isSource(path)), logCalls };
}

function phrasesIn(path: string, prose: readonly Prose[]): readonly string[] {
  return prose.flatMap(({ kind, line, text }) =>
    phrases.flatMap(({ pattern, instead }) =>
      Array.from(text.matchAll(pattern), ({ 0: found, index }) => {
        const at = line + text.slice(0, index).split("\n").length - 1;
        return `${path}:${at} "${found.replaceAll(/\s+/g, " ")}" in a ${kind}: write ${instead}`;
      }),
    ),
  );
}

const pages = markdownFiles();
const code = codeFiles();
const read = [...pages, ...code].map(([path, text]) => ({ path, ...proseOf(path, text) }));

describe("the language of the repository", () => {
  const faults = read.flatMap(({ path, prose }) => phrasesIn(path, prose));

  test("names who acts and what is meant", () => {
    expect(faults).toEqual([]);
  });

  test("is read in comments, titles, logs, texts and Markdown", () => {
    expect(new Set(read.flatMap(({ prose }) => prose.map(({ kind }) => kind)))).toEqual(
      new Set(["comment", "log", "markdown", "text", "title"]),
    );
    expect(code.size).toBeGreaterThan(1000);
    expect(pages.size).toBeGreaterThan(100);
  });
});

describe("a log message", () => {
  const sources = read.filter(({ path }) => isSource(path));

  test("is a constant; values are fields", () => {
    const made = sources.flatMap(({ path, logCalls }) =>
      logCalls.flatMap(({ line, isConstant }) => (isConstant ? [] : [`${path}:${line}`])),
    );
    expect(made).toEqual([]);
    expect(sources.flatMap(({ logCalls }) => logCalls).length).toBeGreaterThan(80);
  });

  test("begins in lower case and ends without a full stop", () => {
    const wrong = sources.flatMap(({ path, prose }) =>
      prose.flatMap(({ kind, line, text }) => {
        const fault = kind === "log" ? faultOf({ role: "message", text }) : undefined;
        return fault === undefined ? [] : [`${path}:${line} ${fault}: ${text}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe("a planted phrase is found", () => {
  test.each([
    ["docs/page.md", "The reader is told\nof it.", 1],
    ["packages/a/src/a.ts", "// Whoever calls this,\n// goes on.", 2],
    ["packages/a/src/a.ts", "/**\n * The store is\n * away.\n */", 1],
    ["packages/a/test/a.test.ts", 'test.each([1])("nobody hears %s", () => {});', 1],
    ["packages/a/src/a.ts", 'logger.info("asked again", { n: 1 });', 1],
    ["packages/a/src/a.ts", "const hint = `somebody else has ${it}`;", 1],
    ["packages/a/src/cases.ts", 'const suiteCase = { title: "hands a tick over", run };', 1],
  ])("%s: %s", (path, text, count) => {
    expect(phrasesIn(path, proseOf(path, text).prose)).toHaveLength(count);
  });

  test("with its line, in a text of several lines", () => {
    const text = "const a = 1;\n/**\n * One.\n * It goes\n * on.\n */";
    expect(phrasesIn("packages/a/src/a.ts", proseOf("packages/a/src/a.ts", text).prose)).toEqual([
      'packages/a/src/a.ts:4 "goes on" in a comment: write resumes, continues',
    ]);
  });
});

describe("right English passes", () => {
  test.each([
    ["docs/page.md", "Send it as soon as possible, right away."],
    ["docs/page.md", "Parts of which the name is unknown."],
    ["docs/page.md", "The code `is told` in backticks, and\n\n```\nasked\n```"],
    ["docs/page.md", "Requests take up to three times as long."],
    ["packages/a/test/a.test.ts", 'const sent = "a user asked for this";'],
    ["packages/a/src/a.ts", "const asked = tell(whoever);"],
  ])("%s: %s", (path, text) => {
    expect(phrasesIn(path, proseOf(path, text).prose)).toEqual([]);
  });
});

test.each([
  ["logger.warn(`lost ${count}`)", false],
  ['this.#logger.warn("lost " + count)', false],
  ['log.info(done ? "done" : "not done", {})', true],
  ["logger.error(messages[status], {})", true],
  ['context.logger?.debug("read", { count })', true],
])("whether a log message is a constant is seen: %s", (call, isConstant) => {
  expect(proseOfCode("a.ts", call).logCalls).toEqual([{ line: 1, isConstant }]);
});
