import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import type { FreshdeskSettings } from "../src/testing/index.ts";
import { minuteMs, type OpenedSource, openSource, read } from "./open-source.ts";

/** An account with Ann Lee of Acme Inc and the agent Ben, who handles her ticket. */
async function acme(
  entry: Readonly<Record<string, unknown>> = {},
  fields: Readonly<Record<string, unknown>> = {},
  settings: FreshdeskSettings = {},
) {
  const opened = await openSource({ agents: 0, entry, ...settings });
  const { desk } = opened.fake;
  const company = desk.addCompany("Acme Inc");
  const ann = desk.addContact("Ann Lee", company);
  const ben = desk.addAgent("Ben");
  const ticket = desk.addTicket({
    requester_id: ann,
    responder_id: ben,
    subject: "Nightly import fails",
    description: "<p>It stops after <b>2 million</b> rows.</p>",
    description_text: "It stops after 2 million rows.",
    ...fields,
  });
  return { ...opened, desk, company, ann, ben, ticket };
}

/** The one episode of a kind. */
async function only({ source }: Pick<OpenedSource, "source">, kind: string): Promise<Episode | undefined> {
  const { episodes, failures } = await read(source);
  expect(failures).toEqual([]);
  const found = episodes.filter((episode) => episode.kind === kind);
  expect(found.length).toBe(1);
  return found[0];
}

test("a ticket says who opened it, and its words begin within the first 60 characters", async () => {
  const { ticket, ann, company, ...opened } = await acme();
  expect(await only(opened, "freshdesk.ticket.created")).toEqual({
    subject: `customer:freshdesk.acme.${ann}`,
    kind: "freshdesk.ticket.created",
    title: "Nightly import fails",
    text: "Ann Lee (Acme Inc) opened a ticket: Nightly import fails\nIt stops after 2 million rows.",
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "freshdesk.ticket", id: `acme/tickets/${ticket}`, url: `https://acme.freshdesk.com/a/tickets/${ticket}` },
    session: `freshdesk-acme-${ticket}`,
    author: { name: "Ann Lee", kind: "external", verifiedBy: "freshdesk.incoming" },
    metadata: { ticket_id: String(ticket), requester_id: String(ann), company_id: String(company) },
    idempotency_key: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test("a mail that an agent wrote to a customer is the agent's, under that customer", async () => {
  const { ann, ...opened } = await acme({}, { source: 10, subject: "Your invoice", description_text: "Here it is." });
  expect(await only(opened, "freshdesk.ticket.created")).toMatchObject({
    subject: `customer:freshdesk.acme.${ann}`,
    text: "An agent wrote to Ann Lee (Acme Inc): Your invoice\nHere it is.",
    author: { name: "an agent", kind: "member" },
  });
});

test.each([
  ["requester", (ids: Ids) => `customer:freshdesk.acme.${ids.ann}`],
  ["organization", (ids: Ids) => `organization:freshdesk.acme.${ids.company}`],
  ["ticket", (ids: Ids) => `ticket:freshdesk.acme.${ids.ticket}`],
] as const)("subject_by = %s files every episode of a ticket under it", async (subject_by, subject) => {
  const { desk, clock, ...opened } = await acme({ subject_by });
  desk.addConversation(opened.ticket);
  desk.setStatus(opened.ticket, 4);
  desk.rate(opened.ticket, 103);
  await clock.advance(15 * minuteMs);
  const { episodes } = await read(opened.source);
  expect(episodes.length).toBe(4);
  expect(new Set(episodes.map((episode) => episode.subject))).toEqual(new Set([subject(opened)]));
});

interface Ids {
  readonly ann: number;
  readonly company: number;
  readonly ticket: number;
}

test("a ticket without a company is its requester's under subject_by = organization", async () => {
  const { ann, ...opened } = await acme({ subject_by: "organization" }, { company_id: null });
  expect(await only(opened, "freshdesk.ticket.created")).toMatchObject({
    subject: `customer:freshdesk.acme.${ann}`,
    text: expect.stringMatching(/^Ann Lee opened a ticket: /),
  });
});

describe("a reply", () => {
  test("of an agent says to whom, and about which ticket", async () => {
    const { desk, ...opened } = await acme();
    desk.addConversation(opened.ticket, { body_text: "Please update to 2.1.", body: "<p>Please update to 2.1.</p>" });
    expect(await only(opened, "freshdesk.conversation.posted")).toMatchObject({
      text: "Ben to Ann Lee (Acme Inc): Please update to 2.1. (re: Nightly import fails)",
      author: { name: "Ben", kind: "member" },
      session: `freshdesk-acme-${opened.ticket}`,
    });
  });

  test("of the customer is the customer's", async () => {
    const { desk, ...opened } = await acme();
    desk.addConversation(opened.ticket, { incoming: true, body_text: "That helped." });
    expect(await only(opened, "freshdesk.conversation.posted")).toMatchObject({
      text: "Ann Lee (Acme Inc): That helped. (re: Nightly import fails)",
      author: { name: "Ann Lee", kind: "external" },
    });
  });

  test("of another customer has that one's name, or the sender's where the contact is gone", async () => {
    const { desk, ...opened } = await acme();
    const cara = desk.addContact("Cara");
    desk.addConversation(opened.ticket, { incoming: true, user_id: cara, body_text: "Same here." });
    desk.addConversation(opened.ticket, {
      incoming: true,
      user_id: 4_711,
      from_email: '"Dan O" <dan@example.com>',
      body_text: "Here, too.",
    });
    const { episodes } = await read(opened.source);
    expect(episodes.map(({ author }) => author?.name)).toEqual(["Ann Lee", "Cara", "Dan O"]);
  });

  test("that no person wrote is a bot's", async () => {
    const { desk, ...opened } = await acme();
    desk.addConversation(opened.ticket, { user_id: null, body_text: "This ticket waits since Monday." });
    expect(await only(opened, "freshdesk.conversation.posted")).toMatchObject({ author: { name: "Freshdesk", kind: "bot" } });
  });

  test("leaves out the history that a mail quotes, and names what is attached", async () => {
    const { desk, ...opened } = await acme();
    const quote = '<div class="freshdesk_quote"><blockquote>It stops after 2 million rows.</blockquote></div>';
    desk.addConversation(opened.ticket, {
      incoming: true,
      body: `<div>Now it works.</div>${quote}`,
      body_text: "Now it works. It stops after 2 million rows.",
      attachments: [{ id: 1, name: "log.txt", size: 12 }],
    });
    const episode = await only(opened, "freshdesk.conversation.posted");
    expect(episode?.text).toContain("Now it works. Attached: log.txt");
    expect(episode?.text).not.toContain("2 million");
  });
});

test("the word that marks a quotation cuts nothing off where a customer writes it", async () => {
  const { desk, ...opened } = await acme();
  const text = "What is freshdesk_quote? It hides my mail.";
  desk.addConversation(opened.ticket, { incoming: true, body: `<p>Hello,</p><p>${text}</p>`, body_text: `Hello, ${text}` });
  expect((await only(opened, "freshdesk.conversation.posted"))?.text).toContain(text);
});

test("private notes are left out and counted, unless internal_notes is on", async () => {
  const { desk, reopen, ...opened } = await acme();
  desk.addConversation(opened.ticket, { private: true, source: 2, body_text: "Ask the database team." });
  const without = await read(opened.source);
  const withNotes = await read(await reopen({ internal_notes: true }));

  expect(without.episodes.map(({ kind }) => kind)).toEqual(["freshdesk.ticket.created"]);
  expect(without.pages.map(({ skipped }) => skipped?.["internal_note"] ?? 0)).toContain(1);
  expect(withNotes.episodes.at(-1)).toMatchObject({
    kind: "freshdesk.conversation.internal_note",
    text: "Ben noted: Ask the database team. (re: Nightly import fails)",
  });
});

describe("transitions", () => {
  test("have the time at which they happened, an outcome, and a key of each time", async () => {
    const { desk, clock, ...opened } = await acme();
    const keys: string[] = [];
    for (const status of [4, 2, 4]) {
      await clock.advance(minuteMs);
      desk.setStatus(opened.ticket, status);
      const { episodes } = await read(opened.source);
      for (const { kind, idempotency_key } of episodes) if (kind.endsWith("resolved")) keys.push(idempotency_key);
    }
    const { episodes } = await read(opened.source);

    expect(new Set(keys).size).toBe(2);
    expect(episodes).toMatchObject([
      { kind: "freshdesk.ticket.created" },
      {
        kind: "freshdesk.ticket.resolved",
        text: "Resolved for Ann Lee (Acme Inc): Nightly import fails\nThe agent is Ben.",
        occurred_at: "2026-01-01T00:03:00Z",
        outcome: { status: "resolved" },
      },
      { kind: "freshdesk.ticket.reopened", occurred_at: "2026-01-01T00:02:00Z", outcome: { status: "reopened" } },
    ]);
  });

  test("to a status that the account added carry its name", async () => {
    const { desk, clock, ...opened } = await acme();
    desk.statuses.set(12, ["Waiting on Vendor", "Being Processed"]);
    await clock.advance(minuteMs);
    desk.setStatus(opened.ticket, 12);
    expect(await only(opened, "freshdesk.ticket.status_changed")).toMatchObject({
      text: "Waiting on Vendor, for Ann Lee (Acme Inc): Nightly import fails\nThe agent is Ben.",
      occurred_at: "2026-01-01T00:01:00Z",
    });
  });

  test("between open and pending make no episode", async () => {
    const { desk, ...opened } = await acme();
    desk.setStatus(opened.ticket, 3);
    expect((await read(opened.source)).episodes.map(({ kind }) => kind)).toEqual(["freshdesk.ticket.created"]);
  });
});

test("a rating says how happy the customer is, and why", async () => {
  const { desk, clock, ...opened } = await acme();
  desk.rate(opened.ticket, -102, "Three days without a word");
  await clock.advance(15 * minuteMs);
  expect(await only(opened, "freshdesk.ticket.rated")).toMatchObject({
    text: "Ann Lee (Acme Inc) rated the support as very unhappy: Three days without a word (re: Nightly import fails)",
    author: { name: "Ann Lee", kind: "external" },
    metadata: { rating: -102 },
  });
});

test.each([
  [1, "happy"],
  [2, "neutral"],
  [3, "unhappy"],
])("the answer %i of a classic survey means %s", async (value, word) => {
  const { desk, clock, ...opened } = await acme();
  desk.rate(opened.ticket, value);
  await clock.advance(15 * minuteMs);
  expect((await only(opened, "freshdesk.ticket.rated"))?.text).toMatch(`rated the support as ${word} (`);
});

test("a rating is read when it is ten minutes old, so that the customer's words are in it", async () => {
  const { desk, clock, ...opened } = await acme();
  await clock.advance(minuteMs);
  const rating = desk.rate(opened.ticket, 103);
  const first = await read(opened.source);
  Object.assign(desk.ratings.find(({ id }) => id === rating) ?? {}, { feedback: "Thanks" });
  await clock.advance(11 * minuteMs);
  const second = await read(opened.source, first.cursor);
  await clock.advance(11 * minuteMs);
  const third = await read(opened.source, second.cursor);

  expect(first.episodes.map(({ kind }) => kind)).toEqual(["freshdesk.ticket.created"]);
  expect(second.episodes.map(({ text }) => text)).toEqual([expect.stringContaining("extremely happy: Thanks")]);
  expect(third.episodes).toEqual([]);
});

test.each([
  ["moves", false],
  ["leaves", true],
])("conversations that a merge %s keep their keys, and the closed ticket is no second one", async (_, mergeLeaves) => {
  const { desk, clock, ann, ...opened } = await acme({}, {}, { mergeLeaves });
  const other = desk.addTicket({ requester_id: ann, subject: "Import again" });
  desk.addConversation(other, { incoming: true });
  const before = await read(opened.source);
  await clock.advance(minuteMs);
  desk.merge(other, opened.ticket);
  const after = await read(opened.source, before.cursor);

  const keysOf = (episodes: readonly Episode[], kind: string) =>
    episodes.filter((episode) => episode.kind === kind).map(({ subject, idempotency_key }) => `${subject} ${idempotency_key}`);
  const kind = "freshdesk.conversation.posted";
  expect(keysOf(before.episodes, kind)).toEqual(keysOf(after.episodes, kind));
  expect(after.episodes.filter((episode) => episode.kind === "freshdesk.ticket.closed").map(({ title }) => title)).toEqual([
    "Import again",
  ]);
});
