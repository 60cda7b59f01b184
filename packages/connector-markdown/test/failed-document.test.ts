import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { failingSource } from "./failing-source.ts";
import { keysOf, newsOf, openSource, tempFolder, tick, write } from "./temp-folder.ts";

const later = { ...systemClock, now: () => Date.now() + 3_600_000 };
const failing = (folder: string, name: string) => failingSource(folder, { clock: later, isBroken: (path) => path === name });

const { signal } = new AbortController();

describe("a document that cannot be mapped", () => {
  it("is a failed item, and the others pass", async () => {
    const folder = tempFolder({ "a.md": "a", "b.md": "b", "c.md": "c" });
    const { pages, episodes } = await tick(failing(folder, "b.md"));
    expect(newsOf(episodes)).toEqual(["changed a.md", "changed c.md"]);
    expect(pages.flatMap((page) => page.failures ?? [])).toMatchObject([
      { id: expect.stringMatching(/^b\.md@[\w-]{22}$/), error: new TypeError("cannot read a table of this kind") },
    ]);
  });

  it("fails once for each of its contents", async () => {
    const folder = tempFolder({ "a.md": "a" });
    const source = failing(folder, "a.md");
    const first = await tick(source);
    expect((await tick(source, first.cursor)).pages).toEqual([]);
    write(folder, "a.md", "b");
    const second = await tick(source, first.cursor);
    expect(second.pages[0]?.failures?.[0]?.id).not.toBe(first.pages[0]?.failures?.[0]?.id);
  });

  it.each([
    ["UTF-8", "# Größe\nwords"],
    ["Latin-1", Buffer.from("# Größe\nwords", "latin1")],
  ])("is mapped again from what was kept, as it would have been: %s", async (_, content) => {
    const folder = tempFolder({ "a.md": content });
    const [failure] = (await tick(failing(folder, "a.md"))).pages[0]?.failures ?? [];
    const [expected] = (await tick(openSource(folder))).episodes;
    const raw: unknown = JSON.parse(JSON.stringify(failure?.raw));
    expect(openSource(folder).map!(raw)).toEqual([{ ...expected, occurred_at: expect.any(String) as string }]);
  });

  it("is mapped again section by section, without those that were sent before", async () => {
    const folder = tempFolder({ "a.md": `# A\n\n## One\n\n${"first ".repeat(90)}\n\n## Two\n\n${"second ".repeat(90)}` });
    const source = openSource(folder, { split: "sections" });
    const { cursor } = await tick(source);
    write(folder, "a.md", `# A\n\n## One\n\n${"first ".repeat(90)}\n\n## Two\n\n${"third ".repeat(90)}`);
    const broken = failingSource(folder, { clock: later, isSplit: true, isBroken: () => true });
    const [failure] = (await tick(broken, cursor)).pages[0]?.failures ?? [];
    const raw: unknown = JSON.parse(JSON.stringify(failure?.raw));
    expect(newsOf(source.map!(raw))).toEqual(["changed a.md#two"]);
    expect(keysOf(source.map!(raw))).toEqual(keysOf((await tick(source, cursor)).episodes));
  });

  it("is fetched by its id when its content was not kept", async () => {
    const folder = tempFolder({ "docs/a@b.md": "words ".repeat(100_000) });
    const source = openSource(folder);
    const [failure] = (await tick(failing(folder, "docs/a@b.md"))).pages[0]?.failures ?? [];
    const [expected] = (await tick(source)).episodes;
    const raw = await source.fetchItem!(failure?.id ?? "", signal);
    expect(source.map!(raw)).toMatchObject([{ idempotency_key: expected?.idempotency_key, text: expected?.text }]);
  });

  it("is not fetched when it is gone, excluded or outside", async () => {
    const folder = tempFolder({ "a.md": "a", "drafts/b.md": "b" });
    const source = openSource(folder, { path: ".", exclude: ["drafts/**"] });
    for (const id of ["gone.md@x", "drafts/b.md@x", "../a.md@x", "…md@x", "a.md", ""]) {
      expect(await source.fetchItem!(id, signal)).toBeUndefined();
    }
  });

  it.each([undefined, {}, { path: "a.md" }, "a"])("is refused when it was not kept by this connector: %j", (raw) => {
    expect(() => openSource(tempFolder()).map!(raw)).toThrow(expect.objectContaining({ code: "MARKDOWN_ITEM_INVALID" }));
  });
});
