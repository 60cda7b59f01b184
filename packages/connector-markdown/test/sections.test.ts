import { readFileSync } from "node:fs";
import { join } from "node:path";
import { idempotencyKey } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { keysOf, newsOf, openSource, pagesOf, remove, tempFolder, tick, write } from "./temp-folder.ts";

const open = (folder: string, entry: Record<string, unknown> = {}) => openSource(folder, { split: "sections", ...entry });

/** About 400 characters: two of them do not fit into one summary. */
const long = (word: string) => Array.from({ length: 50 }, (_, n) => `${word}${n}`).join(" ");

const runbook = `---
title: Failover runbook
description: For the booking database.
severity: high
tags: [database]
---

# Failover runbook

Read it once. ${long("read")}

## Steps

1. Tell the others. ${long("tell")}
2. Promote the standby.

## Going back

Never on the same day. ${long("back")}

### What to tell customers

Bookings may be missing. ${long("customer")}
`;

async function episodesOf(content: string, entry: Record<string, unknown> = {}, path = "ops/failover.md") {
  return (await tick(open(tempFolder({ [path]: content }), entry))).episodes;
}

describe("a document", () => {
  it("comes as an episode for each section, with its place in the document", async () => {
    const folder = tempFolder();
    write(folder, "ops/failover.md", runbook, 1_700_000_000);
    const { episodes } = await tick(open(folder));
    expect(episodes.map(({ breadcrumb, title, source }) => [source.id, title, breadcrumb])).toEqual([
      ["ops/failover.md", "Failover runbook", "Failover runbook"],
      ["ops/failover.md#steps", "Steps", "Failover runbook > Steps"],
      ["ops/failover.md#going-back", "Going back", "Failover runbook > Going back"],
      [
        "ops/failover.md#going-back/what-to-tell-customers",
        "What to tell customers",
        "Failover runbook > Going back > What to tell customers",
      ],
    ]);
    for (const episode of episodes) {
      expect(episode).toMatchObject({
        subject: "docs:handbook",
        kind: "markdown.section.changed",
        occurred_at: "2023-11-14T22:13:20.000Z",
        source: { type: "markdown.section" },
        metadata: { path: "ops/failover.md", description: "For the booking database.", frontmatter: { severity: "high" } },
      });
    }
  });

  it("has texts whose first line says where, and whose second is the section on one line", async () => {
    const texts = (await episodesOf(runbook)).map(({ text }) => text);
    expect(texts.map((text) => text.split("\n")[0])).toEqual([
      "Failover runbook (ops/failover.md)",
      "Failover runbook: Steps (ops/failover.md)",
      "Failover runbook: Going back (ops/failover.md)",
      "Failover runbook > Going back: What to tell customers (ops/failover.md)",
    ]);
    for (const text of texts) expect(text.slice(0, 500).split("\n")).toHaveLength(2);
    expect(texts[0]).toContain("\nFor the booking database. Read it once. read0");
    expect(texts[1]).toContain("\n1. Tell the others. tell0");
  });

  it("begins the words of a section within the first 60 characters, however long its title is", async () => {
    const title = "The long handbook of everything that a person at the harbour must know";
    const [, section] = await episodesOf(`# ${title}\n\n${long("alpha")}\n\n## Tides\n\n${long("beta")}`);
    expect(section?.text.indexOf("Tides")).toBeLessThanOrEqual(60);
  });

  it.each<[string, string, string]>([
    ["nothing", "", "failover (ops/failover.md)\n(empty document)"],
    ["a heading alone", "# Set up\n\n## Later", "Set up (ops/failover.md)\n(empty document)"],
    ["frontmatter alone", "---\ntitle: T\ndescription: Soon.\n---\n", "T (ops/failover.md)\nSoon."],
    ["a text between two rules", "---\nNote: call the bank\n---\n", "failover (ops/failover.md)\nNote: call the bank"],
  ])("of %s is one episode", async (_, content, text) => {
    expect((await episodesOf(content)).map((episode) => episode.text)).toEqual([text]);
  });

  it("without a heading of its own keeps its sections when it is renamed and then edited", async () => {
    const body = (words: string) => `${long("first")}\n\n## One\n\n${long("one")}\n\n## Two\n\n${words}`;
    const folder = tempFolder({ "old.md": body(long("two")) });
    const source = open(folder);
    const first = await tick(source);
    remove(folder, "old.md");
    write(folder, "new.md", body(long("two")));
    const second = await tick(source, first.cursor);
    expect(newsOf(second.episodes)).toEqual(["moved new.md"]);
    write(folder, "new.md", body(long("three")));
    expect(newsOf((await tick(source, second.cursor)).episodes)).toEqual(["changed new.md#two"]);
  });
});

describe("the key of a section", () => {
  it("is made of entry, document, headings and words", async () => {
    const [episode] = await episodesOf("# A\n\nwords", {}, "a.md");
    const id = episode?.metadata?.["content_hash"] as string;
    expect(episode?.idempotency_key).toBe(idempotencyKey("markdown", "handbook", "markdown.section.changed", id, "", "a.md"));
  });

  it("stays when other sections are edited, added, moved or removed", async () => {
    const [title, steps, back, customers] = runbook.split(/^(?=##)/m) as [string, string, string, string];
    const folder = tempFolder({ "a.md": runbook });
    const source = open(folder);
    let { cursor } = await tick(source);
    const change = async (...parts: readonly string[]) => {
      write(folder, "a.md", parts.join(""));
      const done = await tick(source, cursor);
      cursor = done.cursor;
      return newsOf(done.episodes);
    };
    expect(await change(title, steps.replace("Tell", "Do not tell"), back, customers)).toEqual(["changed a.md#steps"]);
    expect(await change(title, `## News\n\n${long("news")}\n\n`, steps.replace("Tell", "Do not tell"), back, customers)).toEqual([
      "changed a.md#news",
    ]);
    expect(await change(title, back, customers, `## News\n\n${long("news")}\n\n`, steps.replace("Tell", "Do not tell"))).toEqual(
      [],
    );
    expect(await change(title, back, customers, steps.replace("Tell", "Do not tell"))).toEqual(["removed a.md#news"]);
    expect(await tick(source, cursor)).toMatchObject({ episodes: [] });
  });

  it("is another one when a section returns to former words, and the same however often that is read", async () => {
    const folder = tempFolder();
    const source = open(folder);
    const keys: string[] = [];
    let cursor: string | undefined;
    for (const words of ["red", "green", "red", "green", undefined, "red"]) {
      if (words === undefined) remove(folder, "a.md");
      else write(folder, "a.md", `# A\n\n${words}`);
      const done = await tick(source, cursor);
      expect(keysOf((await tick(source, cursor)).episodes)).toEqual(keysOf(done.episodes));
      expect(done.episodes).toHaveLength(1);
      keys.push(...keysOf(done.episodes));
      cursor = done.cursor;
    }
    expect(new Set(keys).size).toBe(6);
  });

  it("stays apart over more changes than are remembered, while the cursor stays small", async () => {
    const folder = tempFolder();
    const source = open(folder);
    const keys = new Set<string>();
    let cursor: string | undefined;
    for (let step = 0; step < 90; step += 1) {
      write(folder, "a.md", `# A\n\n${"x".repeat((step % 70) + 1)}`);
      const done = await tick(source, cursor);
      for (const key of keysOf(done.episodes)) keys.add(key);
      cursor = done.cursor;
    }
    expect(keys.size).toBe(90);
    expect(cursor!.length).toBeLessThan(800);
  });

  it("of an edited document is the same after the cursor was lost", async () => {
    const folder = tempFolder({ "a.md": runbook });
    const source = open(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", runbook.replace("Never", "Not"));
    const edited = keysOf((await tick(source, cursor)).episodes);
    expect(edited).toHaveLength(1);
    expect(keysOf((await tick(source)).episodes)).toContain(edited[0]);
  });

  it("is its own for headings that repeat each other", async () => {
    const release = (version: string) => `## ${version}\n\n### Fixed\n\n${long("same")}\n\n`;
    const folder = tempFolder({ "a.md": `# Changes\n\n${release("1.0")}` });
    const source = open(folder);
    const first = await tick(source);
    expect(newsOf(first.episodes)).toEqual(["changed a.md#10/fixed"]);
    write(folder, "a.md", `# Changes\n\n${release("1.1")}${release("1.0")}### Fixed\n\n${long("same")}\n`);
    const second = await tick(source, first.cursor);
    expect(newsOf(second.episodes)).toEqual(["changed a.md#11/fixed", "changed a.md#10/fixed-1"]);
    expect(new Set(keysOf([...first.episodes, ...second.episodes])).size).toBe(3);
  });
});

describe("a section that is gone", () => {
  it("is reported with its name and its document", async () => {
    const folder = tempFolder();
    write(folder, "a.md", runbook, 1_700_000_000);
    const source = open(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", runbook.slice(0, runbook.indexOf("### What")), 1_700_000_100);
    const { episodes, cursor: next } = await tick(source, cursor);
    expect(episodes).toMatchObject([
      {
        subject: "docs:handbook",
        kind: "markdown.section.removed",
        title: "what to tell customers",
        breadcrumb: "Failover runbook > what to tell customers",
        text: 'The section "what to tell customers" was removed from Failover runbook (a.md).',
        occurred_at: "2023-11-14T22:15:00.000Z",
        source: { type: "markdown.section", id: "a.md#going-back/what-to-tell-customers" },
      },
    ]);
    expect(await pagesOf(source, next)).toEqual([]);
  });

  it("is not reported when it only joined its neighbours", async () => {
    const folder = tempFolder({ "a.md": `# A\n\n## One\n\n${long("one")}\n\n## Two\n\n${long("two")}` });
    const source = open(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", "# A\n\n## One\n\none\n\n## Two\n\ntwo");
    const { episodes } = await tick(source, cursor);
    expect(episodes.map(({ kind }) => kind)).toEqual(["markdown.section.changed"]);
  });

  it("is reported with the whole document by one deletion", async () => {
    const folder = tempFolder({ "a.md": runbook, "b.md": "b" });
    const source = open(folder);
    const { cursor } = await tick(source);
    remove(folder, "a.md");
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["deleted a.md"]);
  });
});

describe("tiny sections", () => {
  const tiny =
    "# Ports\n\n## Rotterdam\n\nGates 1 to 6.\n\n## Hamburg\n\n| tide | m |\n|---|---|\n| high | 3.6 |\n\n## Gdańsk\n\n- [ ] ice class\n";

  it("come together, each behind its heading, on one line", async () => {
    const [episode, ...others] = await episodesOf(tiny, {}, "ports.md");
    expect(others).toEqual([]);
    expect(episode).toMatchObject({
      title: "Ports",
      breadcrumb: "Ports > Rotterdam, Hamburg, Gdańsk",
      text: "Ports (ports.md)\nRotterdam: Gates 1 to 6. Hamburg: tide: m; high: 3.6 Gdańsk: - ice class",
      metadata: { sections: ["rotterdam", "hamburg", "gdańsk"] },
    });
  });

  it("are divided in the same places when one of them is edited", async () => {
    const of = (edited: number) =>
      Array.from(
        { length: 60 },
        (_, n) => `## Port ${n}\n\nGate ${n} ${n === edited ? "is closed until the tide turns" : "is open"}.`,
      ).join("\n\n");
    const folder = tempFolder({ "a.md": `# Ports\n\n${of(-1)}` });
    const source = open(folder);
    const first = await tick(source);
    expect(first.episodes.length).toBeLessThan(30);
    for (const edited of [0, 17, 31, 59]) {
      write(folder, "a.md", `# Ports\n\n${of(edited)}`);
      const { episodes } = await tick(source, first.cursor);
      expect(episodes.length).toBeLessThanOrEqual(2);
      expect(episodes.map(({ text }) => text).join()).toContain(`Gate ${edited} is closed`);
    }
  });

  it("have every word within the part that Statewave keeps", async () => {
    const text = Array.from({ length: 60 }, (_, n) => `## Port ${n}\n\nGate ${n} is open.`).join("\n\n");
    const kept = (await episodesOf(`# Ports\n\n${text}`)).map((episode) => episode.text.slice(0, 500)).join("\n");
    for (let n = 0; n < 60; n += 1) expect(kept).toContain(`Gate ${n} is open.`);
  });
});

describe("a very long document", () => {
  const sections = Array.from({ length: 1_200 }, (_, n) => `## Chapter ${n}\n\n${`word${n} `.repeat(60)}`).join("\n\n");

  it("comes whole, in pages of a hundred, with a cursor behind the last", async () => {
    const source = open(tempFolder({ "a.md": `# Book\n\n${sections}`, "b.md": "b" }));
    const pages = await pagesOf(source);
    const episodes = pages.flatMap((page) => page.episodes);
    expect(Math.max(...pages.map((page) => page.episodes.length))).toBe(100);
    expect(pages.slice(0, 11).every((page) => page.cursor === undefined)).toBe(true);
    expect(new Set(keysOf(episodes)).size).toBe(1_201);
    const text = episodes.map((episode) => episode.text).join("\n");
    for (let n = 0; n < 1_200; n += 1) expect(text).toContain(`word${n} `);
    expect(await pagesOf(source, pages.at(-1)?.cursor)).toEqual([]);
  });

  it("sends only the section that is edited", async () => {
    const folder = tempFolder({ "a.md": `# Book\n\n${sections}` });
    const source = open(folder);
    const { cursor } = await tick(source);
    write(folder, "a.md", `# Book\n\n${sections.replace("word900 ", "other ")}`);
    expect(newsOf((await tick(source, cursor)).episodes)).toEqual(["changed a.md#chapter-900"]);
  });

  it("divides a long section into parts that lose nothing", async () => {
    const paragraphs = Array.from({ length: 100 }, (_, n) => `Paragraph ${n}. ${"word ".repeat(30)}`.trim());
    const episodes = await episodesOf(`# A\n\n## Long\n\n${paragraphs.join("\n\n")}`, {}, "a.md");
    expect(episodes.length).toBeGreaterThan(3);
    expect(newsOf(episodes).slice(0, 2)).toEqual(["changed a.md#long", "changed a.md#long:2"]);
    const text = episodes.map((episode) => episode.text).join("\n");
    for (const paragraph of paragraphs) expect(text).toContain(paragraph);
  });
});

describe("a cursor of an older release", () => {
  it("keeps its documents as known, and sends sections only of those that change", async () => {
    const folder = tempFolder({ "a.md": runbook, "b.md": "b" });
    // What a release before sections stored is what a whole document is stored as.
    const { cursor } = await tick(openSource(folder, { split: "document" }));
    expect(JSON.parse(cursor!)).toMatchObject({ version: 1, files: [["a.md", expect.any(String), expect.any(String)], {}] });
    const source = open(folder);
    expect(await pagesOf(source, cursor)).toEqual([]);
    write(folder, "a.md", runbook.replace("Never", "Not"));
    const { episodes, cursor: next } = await tick(source, cursor);
    expect(episodes.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => "markdown.section.changed"));
    expect(await pagesOf(source, next)).toEqual([]);
  });
});

describe("a cursor", () => {
  const changedBook = runbook.replace("Never", "Not");

  it("has rows as a release before sections reads them, so that this one can be taken back", async () => {
    const folder = tempFolder({ "a.md": runbook, "b.md": "b" });
    const { cursor } = await tick(open(folder));
    write(folder, "a.md", changedBook);
    const { cursor: next } = await tick(open(folder), cursor);
    const rows = (JSON.parse(next!) as { readonly files: readonly (readonly unknown[])[] }).files;
    expect(rows.map((row) => row.map((column) => typeof column))).toEqual([
      ["string", "string", "string", "number", "string"],
      ["string", "string", "string"],
    ]);
    // Such a release drops what it does not know.
    const earlier = JSON.stringify({ version: 1, files: rows });
    expect(await pagesOf(open(folder), earlier)).toEqual([]);
  });

  it("whose rows hold the sections, as some releases wrote it, is read as it was meant", async () => {
    const folder = tempFolder({ "a.md": runbook });
    const { cursor } = await tick(open(folder));
    const { files, sections } = JSON.parse(cursor!) as { readonly files: string[][]; readonly sections: unknown[][] };
    const former = JSON.stringify({ version: 1, files: [[...files[0]!, 0, "", sections[0]!.slice(1)]] });
    expect(await pagesOf(open(folder), former)).toEqual([]);
    write(folder, "a.md", changedBook);
    const [news, expected] = [await tick(open(folder), former), await tick(open(folder), cursor)];
    expect(newsOf(news.episodes)).toEqual(newsOf(expected.episodes));
    expect(news.episodes).toHaveLength(1);
  });
});

describe("links", () => {
  it("lead to the section in the published document", async () => {
    const content = `# Größe & Maß\n\n${long("alpha")}\n\n## What's new?\n\n${long("beta")}`;
    const entry = { base_url: "https://github.com/acme/handbook/blob/main/" };
    expect((await episodesOf(content, entry, "my docs/a.md")).map(({ source }) => source.url)).toEqual([
      "https://github.com/acme/handbook/blob/main/my%20docs/a.md",
      "https://github.com/acme/handbook/blob/main/my%20docs/a.md#whats-new",
    ]);
  });

  it("are absent without `base_url`", async () => {
    for (const { source } of await episodesOf(runbook)) expect(source).not.toHaveProperty("url");
  });
});

describe("memory candidates", () => {
  it("are absent by default", async () => {
    for (const episode of await episodesOf(runbook)) expect(episode).not.toHaveProperty("candidates");
  });

  it.each(["sections", "document"])("hold every word of a section, each understood alone (split = %j)", async (split) => {
    const candidates = (await episodesOf(runbook, { candidates: true, split })).flatMap((episode) => episode.candidates ?? []);
    const shown = candidates.map(({ text }) => text).join("\n");
    for (const word of runbook.slice(runbook.indexOf("Read it")).match(/\w+\d/g) ?? []) expect(shown).toContain(word);
    for (const { text } of candidates) {
      expect(text).toMatch(/^Failover runbook/);
      expect(text).not.toContain("\n");
      expect(text.length).toBeLessThan(700);
    }
    expect(new Set(candidates.map(({ kind }) => kind))).toEqual(new Set(["episode_summary", "procedure", "domain_fact"]));
  });
});

it("the documents of this package are split without a loss of words", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8").replaceAll(/<!--.*?-->/g, "");
  const text = (await episodesOf(readme, {}, "README.md")).map((episode) => episode.text).join("\n");
  for (const word of new Set(readme.match(/[a-z]{6,}/gi))) expect(text).toContain(word);
});
