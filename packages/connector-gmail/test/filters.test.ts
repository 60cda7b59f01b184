import { describe, expect, test } from "vitest";
import type { FakeMail, FakeMailbox } from "../src/testing/index.ts";
import { dayMs, idsOf, minuteMs, openGoogle, read, run } from "./open-google.ts";

/** Mails that differ in everything that queries ask about. */
function variety(mailbox: FakeMailbox): readonly FakeMail[] {
  const label = mailbox.createLabel("Key accounts");
  return [
    { from: "Ann <ann@acme.com>", subject: "Offer for March", text: "please find the offer" },
    { from: "Ben <ben@acme.com>", subject: "Lunch", text: "noon?", labelIds: ["INBOX", label] },
    { from: "ann@other.com", subject: "Offer", text: "buy now", labelIds: ["INBOX", "STARRED"] },
    { from: "Cid <cid@acme.com>", subject: "Report", text: "attached", files: { "report.pdf": "%PDF" } },
    { from: "dee@acme.com", subject: "Archived offer", text: "old", labelIds: ["IMPORTANT"] },
    { from: "eve@acme.com", subject: "Offer without an id", text: "an offer", messageId: null },
    { from: "fay@acme.com", subject: "An odd id", text: "offer", messageId: 'odd "id" (with {brackets})@acme.com' },
  ];
}

const queries = [
  "from:acme.com",
  "from:acme.com subject:offer",
  "subject:offer OR subject:lunch",
  "{subject:report subject:lunch}",
  "from:(ann acme)",
  "-from:acme.com",
  "from:acme.com -in:inbox",
  '"please find"',
  'label:"Key accounts"',
  "label:key-accounts",
  "is:starred",
  "has:attachment",
  "filename:pdf",
  "newer_than:2d",
  "in:inbox (offer OR lunch)",
];

describe("a query", () => {
  test.each(queries)("finds the same new mails as a listing: %s", async (query) => {
    const { fake, source, reopen } = await openGoogle({ mails: 5, entry: { query } });
    const mails = variety(fake.mailbox);
    const { cursor } = await read(source);
    for (const mail of mails) fake.mailbox.receive(mail);
    const later = idsOf((await read(source, cursor)).episodes);
    const known = new Set(
      fake.mailbox
        .sorted()
        .slice(-5)
        .map(({ id }) => id),
    );
    const listed = idsOf((await read(await reopen())).episodes).filter((id) => !known.has(id));
    expect(new Set(later)).toEqual(new Set(listed));
    expect(listed.length).toBeLessThan(mails.length + (query === "newer_than:2d" ? 1 : 0));
  });

  test("finds a mail that comes into its results when a label changes", async () => {
    const { fake, source } = await openGoogle({ mails: 3, entry: { query: "label:customers" } });
    const label = fake.mailbox.createLabel("Customers");
    const { cursor } = await read(source);
    const [old] = fake.mailbox.sorted();
    fake.mailbox.addLabels(old?.id ?? "", label);
    expect(idsOf((await read(source, cursor)).episodes)).toEqual([old?.id]);
  });

  test("waits for Gmail's search to know a mail that has just come, and loses none", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 45_000, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const wanted = fake.mailbox.receive({ subject: "Offer" });
    fake.mailbox.receive({ subject: "Lunch" });
    const early = await run(source, cursor);
    expect([early.episodes, early.error]).toMatchObject([[], { code: "GMAIL_SEARCH_BEHIND", retryAtMs: clock.now() + 30_000 }]);
    clock.set(clock.now() + 60_000);
    fake.forget();
    const late = await read(source, early.cursor);
    expect([idsOf(late.episodes), late.skipped]).toEqual([[wanted], { other_query: 1 }]);
    // What was fetched is not fetched again.
    expect(fake.requests["GET /gmail/v1/users/:user/messages/:id"]).toBeUndefined();
  });

  test("takes no mail for one that it does not find, when search learns of it between two requests", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 45_000, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const wanted = fake.mailbox.receive({ subject: "Offer" });
    // The first search is answered before the index knows the mail, the second one afterwards.
    let searches = 0;
    fake.onList = () => {
      searches += 1;
      if (searches === 2) clock.set(clock.now() + 60_000);
    };
    expect(idsOf((await read(source, cursor)).episodes)).toEqual([wanted]);
    expect(searches).toBe(3);
  });

  test("waits for a mail that was imported with an old time, too", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 45_000, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const wanted = fake.mailbox.receive({ subject: "Offer", atMs: clock.now() - 30 * dayMs });
    const early = await run(source, cursor);
    expect(early.error).toMatchObject({ code: "GMAIL_SEARCH_BEHIND" });
    clock.set(clock.now() + 60_000);
    expect(idsOf((await read(source, early.cursor)).episodes)).toEqual([wanted]);
  });

  test("waits for no mail that is moved to the trash meanwhile", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 45_000, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const id = fake.mailbox.receive({ subject: "Offer" });
    const early = await run(source, cursor);
    fake.mailbox.trash(id);
    clock.set(clock.now() + 60_000);
    const late = await read(source, early.cursor);
    expect([late.episodes, late.skipped]).toEqual([[], { other_query: 1 }]);
  });

  test("finds a mail by its time where search does not find its id", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const wanted = fake.mailbox.receive({ subject: "Offer", headers: [["Message-ID", "<second@mail.example.com>"]] });
    const early = await run(source, cursor);
    expect(early.error).toMatchObject({ code: "GMAIL_SEARCH_BEHIND" });
    clock.set(clock.now() + 30_000);
    expect(idsOf((await read(source, early.cursor)).episodes)).toEqual([wanted]);
  });

  test("keeps a mail that search never knows as a failed item, and reads the others", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 1_000_000, entry: { query: "subject:offer" } });
    const { cursor } = await read(source);
    const id = fake.mailbox.receive({ subject: "Offer" });
    const early = await run(source, cursor);
    expect(early.error).toMatchObject({ code: "GMAIL_SEARCH_BEHIND" });
    clock.set(clock.now() + 11 * minuteMs);
    const late = await read(source, early.cursor);
    expect([late.failures.map((failed) => failed.id), late.skipped]).toEqual([[`mailbox/${id}`], {}]);
    clock.set(clock.now() + 60 * minuteMs);
    expect((await read(source, late.cursor)).failures).toEqual([]);
    expect(await source.fetchItem?.(`mailbox/${id}`, new AbortController().signal)).toMatchObject({ message: { id } });
  });

  test.each(['"open', "(from:a", "from:a)", "{a b", "a (b } c"])(
    "that would mean something else in brackets is refused: %s",
    async (query) => {
      await expect(openGoogle({ entry: { query } })).rejects.toThrow("without its other half");
    },
  );

  test("and labels have to apply both", async () => {
    const { fake, source } = await openGoogle({ entry: { query: "from:acme.com", label_ids: ["INBOX", "STARRED"] } });
    const { cursor } = await read(source);
    const both = fake.mailbox.receive({ from: "a@acme.com", labelIds: ["INBOX", "STARRED"] });
    fake.mailbox.receive({ from: "a@acme.com", labelIds: ["INBOX"] });
    fake.mailbox.receive({ from: "a@other.com", labelIds: ["INBOX", "STARRED"] });
    const { episodes, skipped } = await read(source, cursor);
    expect([idsOf(episodes), skipped]).toEqual([[both], { other_labels: 1, other_query: 1 }]);
  });
});

test("a message that could not be fetched is compared with the filters when it is fetched later", async () => {
  const { fake, source } = await openGoogle({ mails: 3, entry: { query: "subject:offer" } });
  const { cursor } = await read(source);
  const ids = ["Offer", "Lunch", "Offer"].map((subject) => fake.mailbox.receive({ subject }));
  for (const id of ids.slice(0, 2)) fake.mailbox.broken.add(id);
  const { failures } = await read(source, cursor);
  expect(failures.map(({ id }) => id)).toEqual(ids.slice(0, 2).map((id) => `mailbox/${id}`));
  fake.mailbox.broken.clear();
  const fetched = await Promise.all(failures.map(async ({ id }) => await source.fetchItem?.(id, new AbortController().signal)));
  expect(fetched).toMatchObject([{ message: { id: ids[0] } }, undefined]);
});

describe("labels", () => {
  test("have to be there all, in a listing and later, and count when they are added", async () => {
    const { fake, source, reopen } = await openGoogle({ entry: { label_ids: ["INBOX", "STARRED"] } });
    const first = fake.mailbox.receive({ labelIds: ["INBOX", "STARRED"] });
    const late = fake.mailbox.receive({ labelIds: ["INBOX"] });
    const { episodes, cursor } = await read(source);
    expect(idsOf(episodes)).toEqual([first]);
    const fresh = fake.mailbox.receive({ labelIds: ["INBOX", "STARRED"] });
    fake.mailbox.receive({ labelIds: ["STARRED"] });
    fake.mailbox.addLabels(late, "STARRED");
    fake.mailbox.addLabels(late, "IMPORTANT");
    const later = idsOf((await read(source, cursor)).episodes);
    expect(later).toEqual([fresh, late]);
    expect(new Set(idsOf((await read(await reopen())).episodes))).toEqual(new Set([first, ...later]));
    // Gmail takes one label for its history.
    expect(fake.refused).toEqual([]);
  });

  test("are listed by a check of an entry that names none yet", async () => {
    const { fake, source } = await openGoogle();
    fake.mailbox.createLabel("Customers");
    const [, found] = (await source.check?.(new AbortController().signal)) ?? [];
    expect(found).toMatchObject({
      ok: true,
      message: expect.stringMatching(/its own labels: Label_1 is "Customers"$/) as string,
    });
  });

  test("that do not exist are found by a check, with those that do", async () => {
    const { fake, source, reopen } = await openGoogle({ entry: { label_ids: ["Label_77"] } });
    fake.mailbox.createLabel("Customers");
    const { signal } = new AbortController();
    const found = (await source.check?.(signal)) ?? [];
    expect(found.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(found[2]?.message).toMatch(/has no label Label_77; .*Label_1 is "Customers"/);
    const sound = (await (await reopen({ label_ids: ["Label_1"] })).check?.(signal)) ?? [];
    expect(sound.every(({ ok }) => ok)).toBe(true);
  });
});
