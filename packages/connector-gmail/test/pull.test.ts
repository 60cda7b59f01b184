import { openEntry } from "@statewave-connectors/testing";
import { describe, expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { dayMs, idsOf, markersIn, minuteMs, openGoogle, plenty, read, run } from "./open-google.ts";

const range = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const sorted = (numbers: readonly number[]) => numbers.toSorted((left, right) => left - right);

describe("a first sync", () => {
  test("reads every mail once, received and sent", async () => {
    const { source } = await openGoogle({ mails: 130 });
    const { episodes } = await read(source);
    expect(sorted(markersIn(episodes))).toEqual(range(130));
    const kinds = new Set(episodes.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(["gmail.message.received", "gmail.message.sent"]);
  });

  test("takes the history id before it lists, so that mail that arrives meanwhile is there", async () => {
    const { fake, source } = await openGoogle({ mails: 60, mostListed: 30 });
    const { episodes, cursor } = await run(source, undefined, (count) => {
      if (count === 1) fake.mailbox.receive();
      if (count === 3) fake.mailbox.receive();
    });
    expect(new Set(markersIn(episodes))).toEqual(new Set(range(62)));
    expect((await read(source, cursor)).episodes).toEqual([]);
  });

  test("finds mail that arrived behind its listing when it was cut off and resumed", async () => {
    const { fake, source, reopen } = await openGoogle({ mails: 60, mostListed: 30 });
    let cursor: string | undefined;
    for await (const page of source.pages(undefined, new AbortController().signal)) {
      ({ cursor } = page);
      break;
    }
    fake.mailbox.receive({ subject: "Meanwhile" });
    const { episodes } = await read(await reopen(), cursor);
    expect(episodes.map(({ title }) => title)).toContain("Meanwhile");
  });

  test("leaves out drafts, spam, trash and chats, and counts them", async () => {
    const { fake, source } = await openGoogle();
    const kept = [fake.mailbox.receive(), fake.mailbox.send()];
    fake.mailbox.draft();
    fake.mailbox.receive({ labelIds: ["CHAT"] });
    fake.mailbox.receive({ labelIds: ["SPAM"] });
    fake.mailbox.trash(fake.mailbox.receive());
    const { episodes, skipped } = await read(source);
    expect(new Set(idsOf(episodes))).toEqual(new Set(kept));
    expect(skipped).toEqual({ draft: 1, chat: 1 });
  });

  test("begins at `since_default`, to the second", async () => {
    const { fake, clock, source } = await openGoogle({ entry: { since_default: "1d" } });
    fake.mailbox.receive({ atMs: clock.now() - dayMs - 1_000 });
    const kept = [fake.mailbox.receive({ atMs: clock.now() - dayMs }), fake.mailbox.receive()];
    expect(new Set(idsOf((await read(source)).episodes))).toEqual(new Set(kept));
  });

  test.each([{ since_default: "1d" }, { query: "subject:question" }])(
    "finds a mail that came just before it, which search did not know yet: %j",
    async (entry) => {
      const { fake, clock, source } = await openGoogle({ mails: 3, searchLagMs: 45_000, entry });
      clock.set(clock.now() + minuteMs);
      const fresh = fake.mailbox.receive();
      const first = await read(source);
      expect(idsOf(first.episodes)).not.toContain(fresh);
      clock.set(clock.now() + 21 * minuteMs);
      const second = await read(source, first.cursor);
      expect(idsOf(second.episodes)).toEqual([fresh]);
      expect((await read(source, second.cursor)).pages).toEqual([]);
    },
  );

  test("passes over a message that is deleted between list and get", async () => {
    const { fake, source } = await openGoogle({ mails: 60 });
    const gone = fake.mailbox.sorted()[40]?.id ?? "";
    const { episodes, skipped, error } = await run(source, undefined, (count) => {
      if (count === 1) fake.mailbox.delete(gone);
    });
    expect([error, episodes.length, skipped]).toEqual([undefined, 59, { gone: 1 }]);
  });

  test("keeps a message that Gmail cannot return as a failed item, and fetches it later", async () => {
    const { fake, source } = await openGoogle({ mails: 60 });
    const broken = fake.mailbox.sorted()[30]?.id ?? "";
    fake.mailbox.broken.add(broken);
    const { episodes, failures } = await read(source);
    expect([episodes.length, failures.map(({ id }) => id)]).toEqual([59, [`mailbox/${broken}`]]);
    fake.mailbox.broken.clear();
    const raw = await source.fetchItem?.(`mailbox/${broken}`, new AbortController().signal);
    expect(idsOf(source.map?.(raw) ?? [])).toEqual([broken]);
  });
});

describe("what Gmail says of one message", () => {
  const answering = (part: string, answer: () => Response): typeof globalThis.fetch => {
    return async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return pathname.endsWith(part) ? answer() : await globalThis.fetch(input, init);
    };
  };
  const refusal = (status: number) => () => Response.json({ error: { code: status, message: "No" } }, { status });

  test.each([
    ["is withheld", "GMAIL_BLOCKED", refusal(451)],
    ["may not be read", "GMAIL_FORBIDDEN", refusal(403)],
    ["is refused", "GMAIL_REFUSED", refusal(400)],
    ["comes as a web page", "GMAIL_BAD_ANSWER", () => new Response("<html></html>")],
  ])("keeps no other from being read when it %s", async (_, code, answer) => {
    const { fake, clock } = await openGoogle({ mails: 40 });
    const broken = fake.mailbox.sorted()[30]?.id ?? "";
    const { source } = await openEntry(
      connector,
      { ...fake.entry, ...plenty },
      { clock, fetch: answering(`/${broken}`, answer) },
    );
    const { episodes, failures } = await read(source);
    expect(failures).toMatchObject([{ id: `mailbox/${broken}`, error: { code } }]);
    expect(episodes).toHaveLength(39);
  });

  test("ends the run when Gmail says it of all", async () => {
    const { fake, clock } = await openGoogle({ mails: 40 });
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      return /messages\/\w+$/.test(pathname) ? refusal(403)() : await globalThis.fetch(input, init);
    };
    const { source } = await openEntry(connector, { ...fake.entry, ...plenty }, { clock, fetch });
    expect((await run(source)).error).toMatchObject({ code: "GMAIL_FORBIDDEN" });
  });

  const rewriting = (lists: RegExp, rewrite: (rows: readonly Readonly<Record<string, unknown>>[]) => readonly unknown[]) => {
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const response = await globalThis.fetch(input, init);
      const list = lists.exec(pathname)?.[1];
      if (list === undefined) return response;
      const body = (await response.json()) as Readonly<Record<string, Parameters<typeof rewrite>[0]>>;
      return Response.json({ ...body, [list]: rewrite(body[list] ?? []) });
    };
    return fetch;
  };

  test("in a row of another form costs only that row, in a listing and in the history", async () => {
    const { fake, clock } = await openGoogle({ mails: 40 });
    const fetch = rewriting(/\/(messages|history)$/, (rows) => [null, "row", ...rows]);
    const { source } = await openEntry(connector, { ...fake.entry, ...plenty }, { clock, fetch });
    const first = await read(source);
    expect([first.episodes.length, first.failures.length % 2, first.failures[0]?.raw]).toEqual([40, 0, { row: null }]);
    const fresh = fake.mailbox.receive();
    const later = await read(source, first.cursor);
    expect([idsOf(later.episodes), later.failures.length]).toEqual([[fresh], 2]);
  });

  test("in a label of another form costs only the name of that label", async () => {
    const { fake, clock } = await openGoogle();
    const fetch = rewriting(/\/(labels)$/, (labels) => [null, { id: "Label_9" }, ...labels]);
    const entry = { ...fake.entry, ...plenty, label_changes: ["Label_1"] };
    const { source } = await openEntry(connector, entry, { clock, fetch });
    const label = fake.mailbox.createLabel("Key accounts");
    const id = fake.mailbox.receive({ subject: "Invoice 7" });
    const { cursor } = await read(source);
    fake.mailbox.addLabels(id, label);
    expect((await read(source, cursor)).episodes.map(({ text }) => text)).toEqual([
      expect.stringContaining("got the label Key accounts: Invoice 7"),
    ]);
  });

  test("in a change of another form costs only that change, in whichever list of its history record it is", async () => {
    const { fake, clock } = await openGoogle({ mails: 1 });
    const broken = { message: {}, labelIds: ["X"] };
    const fetch = rewriting(/\/(history)$/, (records) =>
      records.map(({ messagesAdded, ...rest }) => ({
        ...rest,
        messagesAdded: [broken, ...((messagesAdded ?? []) as readonly unknown[])],
        messagesDeleted: [broken],
        labelsAdded: [broken],
        labelsRemoved: null,
      })),
    );
    const { source } = await openEntry(connector, { ...fake.entry, ...plenty }, { clock, fetch });
    const { cursor } = await read(source);
    const fresh = fake.mailbox.importMails([{}, {}]);
    const later = await read(source, cursor);
    expect(idsOf(later.episodes)).toEqual(fresh);
    expect(later.failures.map(({ raw }) => raw)).toEqual([...Array.from({ length: 3 }, () => ({ row: broken })), { row: null }]);
    expect(later.failures[0]?.error).toMatchObject({
      code: "GMAIL_ITEM_UNMAPPABLE",
      message: 'a change in a history record has another form than expected at "message.id"',
    });
    expect(await read(source, later.cursor)).toMatchObject({ episodes: [], failures: [] });
  });
});

describe("a later run", () => {
  test("reads the mails since the last one, and costs three units while nothing happens", async () => {
    const { fake, source } = await openGoogle({ mails: 10 });
    const { cursor } = await read(source);
    fake.forget();
    expect((await read(source, cursor)).episodes).toEqual([]);
    expect(fake.units).toBe(3);
    const fresh = [fake.mailbox.receive(), fake.mailbox.send()];
    const later = await read(source, cursor);
    expect(idsOf(later.episodes)).toEqual(fresh);
    expect((await read(source, later.cursor)).pages).toEqual([]);
  });

  test("takes a draft for no mail, however often it is stored anew, and the sent mail for one", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    const { cursor } = await read(source);
    let draft = fake.mailbox.draft();
    for (let edit = 0; edit < 5; edit += 1) draft = fake.mailbox.editDraft(draft);
    fake.mailbox.delete(draft);
    const sent = fake.mailbox.send();
    const { episodes, skipped } = await read(source, cursor);
    expect([idsOf(episodes), skipped]).toEqual([[sent], { gone: 6 }]);
  });

  test("reads a mail that was taken for spam by mistake", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    const { cursor } = await read(source);
    const id = fake.mailbox.receive({ labelIds: ["SPAM"] });
    const first = await read(source, cursor);
    expect([first.episodes, first.skipped]).toEqual([[], { spam: 1 }]);
    fake.mailbox.removeLabels(id, "SPAM");
    fake.mailbox.addLabels(id, "INBOX");
    expect(idsOf((await read(source, first.cursor)).episodes)).toEqual([id]);
  });

  test("fetches no message when other labels of it change", async () => {
    const { fake, source } = await openGoogle({ mails: 30 });
    const { cursor } = await read(source);
    fake.forget();
    for (const { id } of fake.mailbox.sorted().slice(0, 20)) fake.mailbox.removeLabels(id, "UNREAD");
    const { episodes } = await read(source, cursor);
    expect([episodes, fake.units]).toEqual([[], 3]);
  });

  test("reads a self-sent mail, which has both labels, as sent", async () => {
    const { fake, source } = await openGoogle();
    fake.mailbox.receive({ from: fake.mailbox.address, labelIds: ["INBOX", "SENT"] });
    expect((await read(source)).episodes.map(({ kind }) => kind)).toEqual(["gmail.message.sent"]);
  });

  test("never goes back to a smaller history id", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    const { cursor = "" } = await read(source);
    fake.mailbox.receive();
    const next = await read(source, cursor);
    const idIn = (text = "") => /"history":"(\d+)"/.exec(text)?.[1] ?? "0";
    expect(BigInt(idIn(next.cursor))).toBeGreaterThan(BigInt(idIn(cursor)));
    expect(BigInt(idIn(next.cursor))).toBe(fake.mailbox.historyId);
  });

  test("resumes from every cursor with at most one page read again", async () => {
    // The history has several pages, too.
    const { fake, source, reopen } = await openGoogle({ mails: 5, mostListed: 8, entry: plenty });
    const { cursor } = await read(source);
    for (let count = 0; count < 20; count += 1) fake.mailbox.receive();
    // One record may hold more messages than a page.
    fake.mailbox.importMails(Array.from({ length: 60 }, () => ({})));
    for (let count = 0; count < 10; count += 1) fake.mailbox.receive();
    const whole = await read(source, cursor);
    expect(whole.episodes).toHaveLength(90);
    const seen = new Set<string>();
    for (const page of whole.pages) {
      for (const id of idsOf(page.episodes)) seen.add(id);
      const rest = idsOf((await read(await reopen(), page.cursor)).episodes);
      expect(new Set([...seen, ...rest]).size).toBe(90);
      const own = new Set(idsOf(page.episodes));
      expect(rest.filter((id) => seen.has(id) && !own.has(id))).toEqual([]);
    }
  });
});

describe("a history id that Gmail has forgotten", () => {
  test("has the time since the last run listed again, with a day of overlap, and is reported", async () => {
    const { fake, clock, source } = await openGoogle();
    const old = fake.mailbox.receive({ atMs: clock.now() - 10 * dayMs });
    const recent = fake.mailbox.receive({ atMs: clock.now() - minuteMs });
    const { cursor } = await read(source);
    clock.set(clock.now() + 8 * dayMs);
    const missed = fake.mailbox.receive({ atMs: clock.now() - 3 * dayMs });
    fake.mailbox.forgetHistory();
    const fresh = fake.mailbox.receive();
    const { episodes, cursor: behind } = await read(source, cursor);
    expect(new Set(idsOf(episodes))).toEqual(new Set([recent, missed, fresh]));
    expect(idsOf(episodes)).not.toContain(old);
    expect((await read(source, behind)).episodes).toEqual([]);
  });

  test("costs no more than the gap, and a listing that is cut off resumes", async () => {
    const { fake, clock, source, reopen } = await openGoogle({ entry: plenty });
    for (let count = 0; count < 60; count += 1) fake.mailbox.receive({ atMs: clock.now() - 10 * dayMs });
    const { cursor } = await read(source);
    fake.forget();
    clock.set(clock.now() + 9 * dayMs);
    for (let count = 0; count < 90; count += 1) fake.mailbox.receive();
    fake.mailbox.forgetHistory();
    fake.mailbox.receive();
    let stopped: string | undefined;
    const seen: string[] = [];
    for await (const page of source.pages(cursor, new AbortController().signal)) {
      stopped = page.cursor;
      seen.push(...idsOf(page.episodes));
      if (seen.length >= 50) break;
    }
    const rest = await read(await reopen(), stopped);
    const all = new Set([...seen, ...idsOf(rest.episodes)]);
    const fresh = fake.mailbox.sorted().filter(({ arrivedMs }) => arrivedMs === clock.now());
    expect(fresh.filter(({ id }) => !all.has(id))).toEqual([]);
    expect(fake.requests["GET /gmail/v1/users/:user/messages/:id"]).toBeLessThanOrEqual(fresh.length + 25);
  });

  test("of a mailbox in which nothing happens is no gap", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3 });
    const { cursor } = await read(source);
    clock.set(clock.now() + 30 * dayMs);
    fake.mailbox.forgetHistory(true);
    fake.forget();
    expect((await read(source, cursor)).episodes).toEqual([]);
    expect(fake.requests["GET /gmail/v1/users/:user/messages"]).toBeUndefined();
  });

  test("in a mailbox in which nothing happens leads to a short gap: the state is stored daily", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 3 });
    let { cursor } = await read(source);
    for (let day = 0; day < 9; day += 1) {
      clock.set(clock.now() + dayMs);
      ({ cursor } = await read(source, cursor));
    }
    fake.mailbox.receive();
    fake.mailbox.forgetHistory();
    fake.mailbox.receive();
    fake.forget();
    const { episodes } = await read(source, cursor);
    expect([episodes.length, fake.requests["GET /gmail/v1/users/:user/messages/:id"]]).toEqual([2, 2]);
  });

  test("of a cursor whose time lies in the future has everything listed again", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 5 });
    clock.set(clock.now() + 3650 * dayMs);
    const { cursor } = await read(source);
    clock.set(clock.now() - 3650 * dayMs);
    fake.mailbox.receive();
    fake.mailbox.forgetHistory();
    fake.mailbox.receive();
    expect((await read(source, cursor)).episodes).toHaveLength(7);
  });
});

describe("a cursor", () => {
  test("of another mailbox is refused", async () => {
    const { fake, source, reopen } = await openGoogle({ addresses: ["me@example.com", "other@example.com"], mails: 3 });
    const { cursor } = await read(source);
    const other = await reopen({ refresh_token: fake.signIn.consent("other@example.com") });
    expect((await run(other, cursor)).error).toMatchObject({ code: "GMAIL_CURSOR_INVALID", retryable: false });
  });

  test("with a page token that Gmail has forgotten begins the listing again", async () => {
    const { source } = await openGoogle({ mails: 70, mostListed: 30, entry: plenty });
    const { pages } = await read(source);
    const cursor = pages[2]?.cursor?.replace(/"page":"[^"]+"/, '"page":"forgotten"');
    expect(cursor).toContain("forgotten");
    expect((await read(source, cursor)).episodes).toHaveLength(70);
  });
});
