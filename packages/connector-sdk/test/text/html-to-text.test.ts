import { describe, expect, test } from "vitest";
import { htmlToText } from "../../src/text/index.ts";

describe("HTML as text", () => {
  test.each<[string, string, string]>([
    ["paragraphs and line breaks", "<p>Hello&nbsp;<b>wor</b>ld,</p>\n<p>next<br>line</p>", "Hello world,\n\nnext\nline"],
    ["whitespace that says nothing", "  a \n\t b  <i> c</i> ", "a b c"],
    ["headings and rules", "a<hr>b<h2>Title</h2><p>c", "a\n\nb\n\nTitle\n\nc"],
    ["lists in lists", "<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"],
    ["numbered lists", "<ol start=3><li>x</li><li>y</li></ol>", "3. x\n4. y"],
    ["cells of a table", "<table><tr><th>A<th>B<tr><td>1<td><td>3<tr><td>4<td></table>end", "A | B\n1 | | 3\n4\n\nend"],
    ["tables that are a layout", "<table><tr><td><table><tr><td>a<td>b</table></td></tr></table>", "a | b"],
    ["code as it stands", "<pre>if x:\n  y  = 1\n\n\n  z</pre>", "if x:\n  y  = 1\n\n  z"],
    ["images with words for them", 'see <img src="x.png" alt="the chart"><img alt="">', "see [image: the chart]"],
    [
      "quoted mail",
      "new<blockquote>On Monday:<div>old</div><blockquote>older</blockquote></blockquote>end",
      "new\n\n> On Monday:\n> old\n>\n> > older\n\nend",
    ],
    ["a document without closed tags", "<html><head><title>T</title><meta><body><p>a<p>b", "a\n\nb"],
  ])("keeps %s", (_, html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test.each<[string, string, string]>([
    [
      "an address beside its label",
      '<a href="https://x.example/a?b=1&amp;c=2">the page</a>',
      "the page (https://x.example/a?b=1&c=2)",
    ],
    ["an address that is its label", "<a href=https://x.example/a>https://x.example/a</a>", "https://x.example/a"],
    ["a host that is its label", '<a href="https://www.example.com/">www.example.com</a>', "www.example.com"],
    ["a mail address", '<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"],
    ["no script", '<a href="javascript:alert(1)">press</a>', "press"],
    ["no place in the page", '<a href="#top">up</a>', "up"],
    ["no tracking code", `<a href="https://t.example/${"x".repeat(400)}">offer</a>`, "offer"],
    ["a link around an image", '<a href="https://x.example"><img alt="logo"></a>', "[image: logo] (https://x.example)"],
    [
      "links that were never closed",
      "<a href=https://a.example>a <a href=https://b.example>b</a>",
      "a (https://a.example) b (https://b.example)",
    ],
  ])("shows of links %s", (_, html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test.each<[string, string]>([
    ["a script", "<script>if (a < b) document.write('</b>')</script>x"],
    ["a script with what looks like its end", "<script>'</scripty>'</script >x"],
    ["a style", "<STYLE>p > a { color: red }</STYLE>x"],
    ["a template", "<template><p>no</p></template>x"],
    ["a comment", "<!-- a > b -->x<!--> -->".replace("<!--> -->", "")],
    ["a declaration", "<!DOCTYPE html><?xml version='1.0'?>x"],
    ["the head", "<head><title>no</title></head>x"],
    ["what is hidden", "<div hidden>no<p>no</p></div>x"],
    ["what is not displayed", '<span style="color: red; DISPLAY : none">preheader <b>no</b></span>x'],
    ["what Outlook hides", '<td style="mso-hide:all">no</td>x'],
    ["a drawing", "<svg><text>no</text></svg>x"],
  ])("leaves out %s", (_, html) => {
    expect(htmlToText(html)).toBe("x");
  });

  test.each<[string, string]>([
    ["&lt;b&gt; &amp;amp; &quot;", '<b> &amp; "'],
    ["&#8364;&#x20AC;&#128;&#x1F4A9;", "€€€💩"],
    ["&eacute;&Eacute;&mdash;&hellip;&rarr;&alpha;&check;", "éÉ—…→α✓"],
    ["caf&eacute &copy 2024 &ampx", "café © 2024 &ampx"],
    ["&#0;&#xD800;&#x110000;", "\uFFFD\uFFFD\uFFFD"],
    ["&unknown; & &; &#; R&D; ?a=1&copy=2", "&unknown; & &; &#; R&D; ?a=1&copy=2"],
    ["a&nbsp;b&#160;&nbsp; c", "a b c"],
  ])("decodes entities once: %s", (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test.each(["a < b && c > d", "if a <b and c", "1 <2", "x <!", "<", "</", "a </b", "<a href='x", "say \"<b\" or '<i'"])(
    "takes a sign that begins no tag for text: %s",
    (text) => {
      expect(htmlToText(text)).toBe(text);
    },
  );

  test.each<[string, string, string]>([
    ["elements without end", "<div>".repeat(60_000), ""],
    ["ends without beginning", `${"</div>".repeat(60_000)}x`, "x"],
    ["tags without end", `x ${"<b ".repeat(60_000)}`, `x ${"<b ".repeat(60_000)}`.trimEnd()],
    ["opened signs", "<".repeat(40_000), "<".repeat(40_000)],
    ["ampersands", "&".repeat(40_000), "&".repeat(40_000)],
    ["comments", "<!--".repeat(60_000), ""],
    ["quotes", "<a '>".repeat(30_001), ""],
    ["scripts", "<script></".repeat(30_000), ""],
    ["links", `${"<a href=https://x.example>".repeat(30_000)}y`, `y`],
    ["spaces in a tag", `<a${" ".repeat(40_000)}>y`, "y"],
    ["attributes", `<a ${"b=c ".repeat(30_000)}>y`, "y"],
  ])("of very many %s is read in one pass", (_, html, expected) => {
    const text = htmlToText(html);
    expect(text.length <= html.length && text.includes(expected)).toBe(true);
  });

  test("of very many quotations has five marks a line", () => {
    const text = htmlToText("<blockquote>x".repeat(30_000));
    expect(text.split("\n").at(-1)).toBe("> > > > > x");
    expect(
      htmlToText(`${"<ul><li>".repeat(30_000)}x`)
        .split("\n")
        .at(-1)?.length,
    ).toBeLessThan(20);
  });
});

test.each(["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "prototype"])(
  "reads what stands in an element that JavaScript knows by its name: <%s>",
  (name) => {
    expect(htmlToText(`<p>before <${name}>words</${name}> behind</p><p>end</p>`)).toMatch(/before .*words.* behind\n\nend$/);
  },
);
