import { describe, expect, test } from "vitest";
import type { GmailSettings } from "../src/testing/index.ts";
import { idsOf, openGoogle, read, run } from "./open-google.ts";

/** What no document settles, each way: the same mails come. */
const settings: readonly (readonly [string, GmailSettings])[] = [
  ["as documented", {}],
  ["with history ids that are numbers", { hasNumericIds: true }],
  ["with lists from the oldest on", { order: "oldest" }],
  ["with a history that does not show labels", { historyHasLabels: false }],
  ["with page tokens that count messages", { hasOffsets: true }],
  ["with texts that Gmail has made UTF-8", { decodesCharsets: true }],
  ["with every text apart from its message", { inlineBytes: 0 }],
];

describe("a mailbox is read whole", () => {
  test.each(settings)("%s", async (_, setting) => {
    const { fake, source, reopen } = await openGoogle({ mails: 60, mostListed: 30, ...setting });
    const text = Buffer.from("Gr\u00fc\u00dfe aus K\u00f6ln", "latin1");
    const root = { mimeType: "text/plain", headers: { "Content-Type": "text/plain; charset=iso-8859-1" }, content: text };
    const cyrillic = Buffer.from([0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]);
    const odd = [
      fake.mailbox.receive({ root }),
      fake.mailbox.receive({ root: { ...root, headers: { "Content-Type": "text/plain; charset=koi8-r" }, content: cyrillic } }),
    ];
    const { episodes, cursor } = await run(source, undefined, (count) => {
      if (count === 2) fake.mailbox.receive({ subject: "Meanwhile" });
    });
    const all = new Set(idsOf(episodes));
    expect([...fake.mailbox.messages.keys()].filter((id) => !all.has(id))).toEqual([]);
    const textOf = (id = "") => episodes.find(({ source: { id: of } }) => of === `message:${id}`)?.text;
    expect([textOf(odd[0]), textOf(odd[1])]).toEqual([
      expect.stringContaining("Gr\u00fc\u00dfe aus K\u00f6ln"),
      expect.stringContaining("\u043f\u0440\u0438\u0432\u0435\u0442"),
    ]);
    const fresh = fake.mailbox.receive();
    expect(idsOf((await read(await reopen(), cursor)).episodes)).toEqual([fresh]);
  });
});

describe("deletions", () => {
  test.each([true, false])(
    "are reported where the history shows labels (%s), and never those of drafts",
    async (historyHasLabels) => {
      const { fake, source } = await openGoogle({ mails: 3, historyHasLabels, entry: { deletions: true } });
      const { cursor } = await read(source);
      const [first, second] = fake.mailbox.sorted();
      fake.mailbox.trash(first?.id ?? "");
      fake.mailbox.delete(second?.id ?? "");
      fake.mailbox.delete(fake.mailbox.draft());
      const { episodes, skipped } = await read(source, cursor);
      const kinds = episodes.map(({ kind }) => kind);
      expect(kinds).toEqual(Array.from({ length: historyHasLabels ? 2 : 1 }, () => "gmail.message.deleted"));
      // The draft is gone before it is fetched. The deletion of what may be a draft is counted, and so is that of a draft.
      expect(skipped).toEqual({ gone: 1, ...(historyHasLabels ? { draft: 1 } : { unknown_labels: 2 }) });
    },
  );
});
