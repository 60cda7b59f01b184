import { describe, expect, test } from "vitest";
import { foldText, headline, oneLine, shorten } from "../../src/text/index.ts";

/** As Statewave counts: an emoji is one character. */
const summaryOf = (text: string) => Array.from(text).slice(0, 500).join("").split("\n");

describe("a headline", () => {
  test.each([
    ["Ann in #general", "the import\nfailed", "Ann in #general: the import failed"],
    ["Ann in #general", "  ", "Ann in #general"],
    ["", "the import failed", "the import failed"],
    ["Ann\u0007\u2028in", "x", "Ann in: x"],
  ])("says %j, then %j", (lead, words, line) => {
    expect(headline(lead, words)).toBe(line);
  });

  test.each([
    "Maria-Magdalena von und zu Hohenstein-Ehrenbreitstein the Third in #incidents-payments-europe-production",
    "x".repeat(300),
    "💥".repeat(100),
  ])("has the words within the first 60 characters, however long the names: %s", (lead) => {
    const line = headline(lead, "the import failed");
    expect(line.indexOf("the import failed")).toBeLessThanOrEqual(60);
    expect(line.isWellFormed()).toBe(true);
  });

  test("is cut at a word when it is long", () => {
    const line = headline("Ann", "word ".repeat(100));
    expect(line.length).toBeLessThanOrEqual(200);
    expect(line).toMatch(/ word…$/);
    expect(headline("word ".repeat(100)).length).toBeLessThanOrEqual(200);
  });
});

test("a text is shortened between characters, and only when it is too long", () => {
  expect(shorten("abc", 3)).toBe("abc");
  expect(shorten("💥💥💥", 4)).toBe("💥…");
  expect(shorten("one two three", 10)).toBe("one two…");
  expect(oneLine(" a\r\n\tb\u0000c\u2029d ")).toBe("a b c d");
});

describe("a folded text", () => {
  const prose = Array.from({ length: 60 }, (_, n) => `Sentence ${n} says something.`).join("\n");
  const code = Array.from({ length: 60 }, (_, n) => `  const value${n} = ${n};`).join("\n");

  test.each<[string, string]>([
    ["lines of prose", prose],
    ["code alone", `\`\`\`ts\n${code}\n\`\`\``],
    ["a table", `| a | b |\n|---|---|\n${"| one | two |\n".repeat(60)}`],
    ["a checklist", "- [x] done\n- [ ] open\n".repeat(40)],
    ["headings and lists", "# Title\n\n- item\n- item\n\n> quoted\n\n".repeat(30)],
    ["Windows line ends", prose.replaceAll("\n", "\r\n")],
    ["lines of emoji", "🚲 It 🎉\n".repeat(90)],
    ["a list of definitions", "Hold\n: A slot.\n\n".repeat(90)],
  ])("has at most two lines in its first 500 characters: %s", (_, body) => {
    const text = foldText("ines opened issue acme/widgets#101: it fails", body);
    expect(summaryOf(text)).toHaveLength(2);
    expect(text.startsWith("ines opened issue acme/widgets#101: it fails\n")).toBe(true);
  });

  test.each<[string, string]>([
    [
      "rows",
      "| code | meaning | answer |\n|---|---|---|\n| TW-1 | no key | make one |\n| TW-2 | gone. | wait. |\n| TW-3 | late | |",
    ],
    [
      "rows without outer bars",
      "code | meaning | answer\n--- | --- | ---\nTW-1 | no key | make one\nTW-2 | gone. | wait.\nTW-3 | late |",
    ],
  ])("parts the %s of a table, and names of each first what it is about", (_, table) => {
    expect(foldText("h", table)).toBe("h\ncode: meaning, answer; TW-1: no key, make one; TW-2: gone., wait. TW-3: late");
  });

  test("keeps the columns of a table apart where cells are empty, or hold a dash", () => {
    const table = "| | day | night |\n|:--|:-:|--:|\n| gate | - | 7 |\n| quay | | 9 |";
    expect(foldText("h", table)).toBe("h\nday: night; gate: -, 7; quay: –, 9");
  });

  test("repeats the head of a table before the rows that the summary has no room for", () => {
    const rows = Array.from({ length: 60 }, (_, n) => `| gate ${n} | open |`);
    const text = foldText("h", `| place | state |\n|---|---|\n${rows.join("\n")}`);
    const rest = text.slice(text.indexOf("\n\n") + 2);
    expect(rest).toMatch(/^\| place \| state \|\n\|---\|---\|\n\| gate \d+ \| open \|\n/);
  });

  test("has the meaning of a term behind it", () => {
    expect(foldText("h", "Hold\n: A slot that is reserved.\n\nLost\n:   One that was not used.")).toBe(
      "h\nHold: A slot that is reserved. Lost: One that was not used.",
    );
  });

  test("keeps everything behind the summary as it stands", () => {
    const text = foldText("headline", `${prose}\n\n\`\`\`ts\n${code}\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`);
    expect(text).toContain(`\`\`\`ts\n${code}\n\`\`\``);
    expect(text).toContain("| a | b |\n|---|---|\n| 1 | 2 |");
    for (let n = 0; n < 60; n += 1) expect(text).toContain(`Sentence ${n} says something.`);
  });

  test("begins with prose, whatever stands before it", () => {
    const body = `\`\`\`\n${code}\n\`\`\`\n\n- [x] I searched\n\n| a |\n|---|\n\nThe import fails every night.`;
    expect(summaryOf(foldText("headline", body))[1]).toMatch(/^The import fails every night\. const value0/);
  });

  test("continues a block of code that the summary began", () => {
    const text = foldText("headline", `\`\`\`ts\n${code}\n\`\`\``);
    const rest = text.slice(text.indexOf("```"));
    expect(rest).toMatch(/^```\n {2}const value\d+/);
    expect(rest).toMatch(/value59 = 59;\n```$/);
  });

  test.each<[string, string, string]>([
    ["marks of headings, lists of tasks and emphasis", "## Steps\n- [x] **run** `it`", "Steps - run it"],
    ["comments", "<!-- fill in\nthe form -->Words<!-- end -->", "Words"],
    ["comments without words, and several in a list", "a <!--> b <!---> c\n- <!-- one\n\n-->d<!-- two\n-->", "a b c - d"],
    ["entities", "R&amp;D: 5&nbsp;GB &lt; 1&#160;TB, `&amp;`, &unknown;", "R&D: 5 GB < 1 TB, &amp;, &unknown;"],
    ["marks that keep a cell together", "| key | use |\n|---|---|\n| `a \\| b` | x \\| y |", "key: use; a | b: x | y"],
    ["backslashes that break lines", "one\\\ntwo \\\\\nC:\\", "one two \\ C:\\"],
    [
      "tags within words and sentences, without a gap",
      "<kbd>Ctrl</kbd>+<kbd>C</kbd> frees 5<b>GB</b> of <a href='x'>H<sub>2</sub>O</a>, 10<sup>6</sup> a day",
      "Ctrl+C frees 5GB of H2O, 10 6 a day",
    ],
    [
      "emphasis around addresses",
      "see **https://x.example** or _https://y.example/a_",
      "see https://x.example or https://y.example/a",
    ],
    ["emphasis that ends within a word", "**bold**face and 中文**粗体**中文", "boldface and 中文粗体中文"],
    [
      "emphasis of paths, and beside addresses",
      "**/etc/hosts** is edited, 参见https://x.example/a。**注意**事项 and <https://x.example>**b**",
      "/etc/hosts is edited, 参见https://x.example/a。注意事项 and <https://x.example>b",
    ],
    ["rules", "a\n\n---\n\n* * *\n\nb", "a b"],
    ["HTML of comments on the web", "<details><summary>Log</summary>\n<img src=x>text</details>", "Log text"],
    [
      "badges",
      "[![build](https://i.example/b.svg)](https://ci.example) [ ![cov](https://i.example/c.svg) of](https://c.example)\nWords",
      "cov of (https://c.example) Words",
    ],
    [
      "badges and links by reference",
      "[![Build][b]][l] See [the guide][g], [g] and [G][].\n\n[b]: https://i.example/b.svg\n[l]: https://ci.example\n[g]: <https://g.example> 'Guide'",
      "See the guide (https://g.example), g (https://g.example) and G (https://g.example).",
    ],
    [
      "rare tags",
      "<figure><video src='a.mp4'></video><figcaption>A <mark>kiln</mark></figcaption></figure> <small>at</small> <tt>90</tt> <var>x</var> <q>y</q>",
      "A kiln at 90 x y",
    ],
    [
      "a tag over several lines",
      '<img\n  src="https://i.example/a.png"\n  width="30"> The kiln\n<a\nhref="x">fires</a>',
      "The kiln fires",
    ],
    ["an underline of a heading", "Kiln\n=====\nIt fires.", "Kiln It fires."],
    [
      "rules of a table without outer bars",
      "Read this:\n\ncone | degrees\n---|:---:\n06 | 999",
      "Read this: cone: degrees; 06: 999",
    ],
    ["addresses of images", "![a chart](https://x.example/a.png) shows", "a chart shows"],
    [
      "addresses that repeat their label, or lead to a place in the same text",
      "Write to [ops@x.example](mailto:ops@x.example), see [https://x.example/](https://x.example), or [below](#limits).",
      "Write to ops@x.example, see https://x.example/, or below.",
    ],
    [
      "what a generator of sites makes an address of",
      'See [tools]({% page "/tools/" %}), [Zoom]({{< ref "zoom.md" >}}), [home]({{ site.baseurl }}/home) and [base]({base}/home).',
      "See tools, Zoom, home and base.",
    ],
    [
      "marks within a quotation",
      "> Contractors conduct\n> business\n>\n> > with GSA.\n\nIt holds.",
      "> Contractors conduct business with GSA. It holds.",
    ],
  ])("leaves out %s", (_, body, line) => {
    expect(foldText("headline", body)).toBe(`headline\n${line}`);
  });

  test.each<[string, string]>([
    ["generic types", "use Array<string> and Map<a, b>"],
    [
      "names with underscores",
      "see __init__ in snake_case_name and 2 * 3 * 4".replace("__init__", "`__init__`").replaceAll("`", ""),
    ],
    ["what stands for a value", "run fire <input> --at <time> or a[0][1]"],
    ["notes", "It fires[^1].\n\n[^1]: At night.".replace("\n\n", " ")],
    ["patterns of paths", "copy src/**/*.ts to dist/*/*.js, and *.log,*.tmp"],
    ["patterns that begin with a path", "leave out **/dist, **/node_modules/** and (**/*.log)"],
    ["products and powers", "2*3*4, a*b*c, f(*args, x*y), 2**3**4"],
    ["names with two underscores before a dot or a bracket", "see __init__.py and __len__()"],
    ["comparisons over lines", "if a <b and c"],
    ["bare addresses", "see https://x.example/a_b_c"],
    ["marks within addresses", "see https://x.example/_a_/b?x=*y*&z=_q_ for more"],
  ])("keeps %s", (_, body) => {
    expect(foldText("h", body.replace("__init__", "`__init__`"))).toBe(`h\n${body}`);
  });

  test.each<[string, string, string]>([
    ["in code", "Open one with `<!--`, or ``a ` <!--``.", "Open one with <!--, or a ` <!--."],
    ["that its paragraph does not close", "see <!-- later\nor never", "see <!-- later or never"],
    ["that only the next paragraph would close", "see <!-- later\n\n<!-- x -->", "see <!-- later"],
  ])("is not ended by the beginning of a comment %s", (_, paragraph, line) => {
    expect(foldText("h", `${paragraph}\n\nThe limit is 5 GB.`)).toBe(`h\n${line} The limit is 5 GB.`);
  });

  test("names addresses behind the rest where not everything fits, and on the line where everything fits without them", () => {
    const link = "[the form](https://forms.example/tools/micropurchase)";
    const long = foldText("headline", `Fill in ${link}.\n\n${prose}`);
    expect(summaryOf(long)[1]).toMatch(/^Fill in the form\. Sentence 0 /);
    expect(long.endsWith("\n\nthe form: https://forms.example/tools/micropurchase")).toBe(true);
    const filling = foldText("headline", `Fill in ${link}. ${"word ".repeat(88)}`);
    expect(summaryOf(filling)).toHaveLength(2);
    expect(filling.endsWith("word the form: https://forms.example/tools/micropurchase")).toBe(true);
  });

  test("keeps a long address behind the words of a short text", () => {
    const url = `https://x.example/${"a".repeat(100)}`;
    expect(foldText("headline", `See [the log](${url}) now.`)).toBe(`headline\nSee the log now. the log: ${url}`);
  });

  test("keeps the definitions of links where a part of the body stands behind the summary", () => {
    const text = foldText("headline", `[g]: https://g.example\n\n${prose}\n\nSee [the guide][g].`);
    expect(summaryOf(text)[1]).not.toContain("[g]:");
    expect(text).toContain("[g]: https://g.example");
    expect(text.endsWith("See [the guide][g].")).toBe(true);
  });

  test.each(["[ERROR]: timeout.", "[Reason]: v1.2.3", "[logs]: https://ci.example/run/7"])(
    "keeps %j, which looks like the definition of a link and is referred to nowhere, behind the words",
    (line) => {
      expect(foldText("headline", `It failed.\n\n${line}`)).toBe(`headline\nIt failed. ${line}`);
      expect(foldText("headline", line)).toBe(`headline\n${line}`);
      expect(summaryOf(foldText("headline", `It failed.\n\n${`${line}\n`.repeat(30)}`))).toHaveLength(2);
    },
  );

  test("without a body is the headline, without a headline the body", () => {
    expect(foldText("headline", "\n \n")).toBe("headline");
    expect(foldText("", "body")).toBe("body");
  });

  test("of one endless line, of very many brackets or backticks is made in one pass", () => {
    for (const body of [
      "x".repeat(300_000),
      "[".repeat(90_000),
      `${"[a][".repeat(60_000)}\n[a]: /b`,
      `${"[".repeat(60_000)}${"]".repeat(60_000)}\n\n[a]: /b`,
      "<img\n".repeat(60_000),
      "<img a=\n".repeat(60_000),
      "a | b\n--|--\n".repeat(30_000),
      `[a]: /${'" '.repeat(60_000)}`,
      "[a](".repeat(60_000),
      "x `".repeat(60_000),
      "x ` <!--\n".repeat(30_000),
      "x <!---->".repeat(30_000),
      "&amp;".repeat(60_000),
      "*a ".repeat(60_000),
    ]) {
      expect(foldText("h", body).length).toBeGreaterThan(500);
    }
  });
});
