import { expect, test } from "vitest";
import { markdownToText, mrkdwnToText } from "../../src/text/index.ts";

test.each([
  ["## Title ##\ntext", "Title ##\ntext"],
  ["**bold**, *it*, ***both***, _em_, ~~gone~~", "bold, it, both, em, gone"],
  ["**a *b* c** and * alone", "a b c and * alone"],
  ["snake_case_x, 2 * 3 * 4, _private, a*b", "snake_case_x, 2 * 3 * 4, _private, a*b"],
  ["`__init__` and ``a`b`` and `open", "__init__ and a`b and `open"],
  ["[label](https://x.example/a)", "label (https://x.example/a)"],
  ['[label](<https://x.example/a b> "a title")', "label (https://x.example/a b)"],
  ["[![badge](https://b.example/x.svg)](https://ci.example)", "badge (https://ci.example)"],
  ["[wiki](https://en.example/A_(b))", "wiki (https://en.example/A_(b))"],
  ["[no] (link), [x], a[0](1", "[no] (link), [x], a[0](1"],
  ["\\*literal\\* \\[x\\](y)", "*literal* [x](y)"],
  ["a<br>b <kbd>x</kbd>, Array<string>", "a b x, Array<string>"],
  ["```sh\n# a *comment*\n```", "# a *comment*"],
  ["a\n<!-- b\nc -->\nd", "a\nd"],
  ["1. one\n2. two\n\n> quoted", "1. one\n2. two\n\n> quoted"],
])("Markdown %j reads %j", (markdown, text) => {
  expect(markdownToText(markdown)).toBe(text);
});

const names = {
  user: (id: string) => (id === "U1" ? "Ann" : undefined),
  channel: (id: string) => (id === "C1" ? "general" : undefined),
  group: (id: string) => (id === "S1" ? "ops" : undefined),
};

test.each([
  ["<@U1> asks <@U2|bob> and <@U3>", "@Ann asks @bob and @U3"],
  ["<#C1> <#C2|random> <#C3>", "#general #random #C3"],
  ["<!here> <!subteam^S1> <!subteam^S2|@dev> <!subteam^S3>", "@here @ops @dev @S3"],
  ["<!date^1700000000^{date}|14 Nov 2023>", "14 Nov 2023"],
  ["<https://x.example|the page> <https://x.example>", "the page (https://x.example) https://x.example"],
  ["<mailto:a@b.example|a@b.example> <mailto:c@d.example>", "a@b.example c@d.example"],
  ["&lt;@U1&gt; &amp;lt; a &amp; b", "<@U1> &lt; a & b"],
  ["a < b > c <>", "a < b > c <>"],
  ["*bold*, _it_, ~gone~, *_both_*", "bold, it, gone, both"],
  ["`code_x *a*` and `open", "code_x *a* and `open"],
  ["snake_case_x, 2 * 3 * 4, _private, a*b*c, ~5", "snake_case_x, 2 * 3 * 4, _private, a*b*c, ~5"],
  ["*over\nlines*", "*over\nlines*"],
  ["<https://a.example/_x_/*y*|the *page*> :white_check_mark:", "the *page* (https://a.example/_x_/*y*) :white_check_mark:"],
  ["see ```a *b*\nc``` now", "see \n```\na *b*\nc\n```\n now"],
  ["```\na\n```", "\n```\na\n```\n"],
  ["a ``` b *c*", "a  b c"],
])("mrkdwn %j reads %j", (mrkdwn, text) => {
  expect(mrkdwnToText(mrkdwn, names)).toBe(text);
});

test("mrkdwn of very many signs is read in one pass", () => {
  for (const sign of ["<", "&", "*a ", "_", "` ", "`\n", "<a", "~ "]) {
    const text = sign.repeat(40_000);
    expect(mrkdwnToText(text).length).toBeGreaterThan(30_000);
  }
});

test("mrkdwn passes labels to the look-ups of names, and writes links in the form that is passed", () => {
  const text = mrkdwnToText(
    "<@U1> <@U2|ann> <#C1|general> <https://a.example|the page> <mailto:a@b.example|a@b.example> <no link>",
    {
      user: (id, label) => `${label || "nameless"} (${id})`,
      channel: (id, label) => `${label} (${id})`,
      link: (target, label) => `[${label}](${target})`,
    },
  );
  expect(text).toBe(
    "@nameless (U1) @ann (U2) #general (C1) [the page](https://a.example) [a@b.example](mailto:a@b.example) <no link>",
  );
});
