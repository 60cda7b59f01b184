import { describe, expect, test } from "vitest";
import { envelopesOf } from "../src/testing/index.ts";
import { eventRow } from "../src/testing/rows.ts";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

const textsOf = (pages: Parameters<typeof episodesOf>[0]) => episodesOf(pages).map(({ text }) => text);

describe("a ticket", () => {
  test("that is opened as solved is created and solved", async () => {
    const { desk, pull } = await openDesk();
    desk.open({ subject: "A call", status: "solved", submitter: desk.agent, at: minute(0) });
    expect(episodesOf(await (await pull()).walk()).map(({ kind, outcome }) => [kind, outcome?.status])).toEqual([
      ["zendesk.ticket.created", undefined],
      ["zendesk.ticket.solved", "solved"],
    ]);
  });

  test("that is solved twice has two solves", async () => {
    const { desk, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    desk.move(ticket, "solved", { at: minute(1) });
    desk.move(ticket, "open", { by: desk.customer, at: minute(2) });
    desk.move(ticket, "pending", { at: minute(3) });
    desk.move(ticket, "solved", { at: minute(4) });
    const pages = await (await pull()).walk();
    expect(episodesOf(pages).map(({ kind }) => kind.slice("zendesk.ticket.".length))).toEqual([
      "created",
      "solved",
      "reopened",
      "solved",
    ]);
    expect(new Set(keysOf(pages)).size).toBe(4);
    expect(skippedOf(pages)).toEqual({ status_in_between: 1 });
  });

  test("that is opened with an internal note shows no word of it, unless notes are wanted", async () => {
    for (const internal_notes of [false, true]) {
      const { desk, pull } = await openDesk({ entry: { internal_notes } });
      const ticket = desk.open({ description: "the customer lies", isPublic: false, submitter: desk.agent, at: minute(0) });
      desk.comment(ticket, { body: "told a colleague", isPublic: false, at: minute(1) });
      const pages = await (await pull()).walk();
      const said = textsOf(pages).join("\n");
      expect([said.includes("lies"), said.includes("told")]).toEqual([internal_notes, internal_notes]);
      expect(skippedOf(pages)).toEqual(internal_notes ? {} : { internal_note: 1 });
    }
  });

  test("that a call opened is created, without words", async () => {
    const { desk, fake, pull } = await openDesk();
    const ticket = desk.open({ subject: "Call from Carl", at: minute(0) });
    const [step] = desk.steps;
    const child_events = [
      { event_type: "Create", status: "new" },
      { event_type: "VoiceComment", id: 7, public: true, data: { from: "+49301" } },
    ];
    fake.patches.set(step?.id ?? 0, { child_events });
    const [created, ...others] = episodesOf(await (await pull()).walk());
    expect([created?.text, created?.source.id, others]).toEqual([
      "Carl Customer opened a ticket: Call from Carl",
      `ticket:${ticket.id}`,
      [],
    ]);
  });

  test.each(["VoiceComment", "FacebookComment"])("says what its %s says, under the key of its event", async (event_type) => {
    const { desk, fake, pull, push } = await openDesk();
    const ticket = desk.open({ subject: "Call from Carl", at: minute(0) });
    const [first] = desk.steps;
    const step = desk.comment(ticket, { by: desk.customer, body: "Call me back.", at: minute(1) });
    for (const each of first === undefined ? [] : [first, step]) {
      const [comment, ...others] = eventRow(each, { comments: true, creates: true })["child_events"] as readonly object[];
      fake.patches.set(each.id, { child_events: [{ ...comment, event_type, data: { from: "+49301" } }, ...others] });
    }
    const pulled = episodesOf(await (await pull()).walk());
    expect(pulled.map(({ text }) => text)).toEqual([
      `Carl Customer opened a ticket: Call from Carl\nwords of ticket ${ticket.id}`,
      "Carl Customer replied: Call me back. (re: Call from Carl)",
    ]);
    const [body] = envelopesOf(step, desk);
    const [pushed] = await (await push()).episodesOf(JSON.stringify(body));
    expect(pushed?.idempotency_key).toBe(pulled[1]?.idempotency_key);
  });

  test.each([
    ["does not say who may see it", { is_public: undefined }, false],
    ["was opened by an agent and has moved on", { submitter_id: "4711", updated_at: "2025-06-01T09:10:00Z" }, false],
    ["was opened by its requester and has moved on", { updated_at: "2025-06-01T09:10:00Z" }, true],
  ])("whose event %s shows no description that may be a note", async (_, detail, isShown) => {
    const { desk, push } = await openDesk();
    desk.open({ description: "the customer lies", at: minute(0) });
    const [step] = desk.steps;
    const [body] = step === undefined ? [] : envelopesOf(step, desk);
    const changed = { ...body, detail: { ...(body?.["detail"] as object), ...detail } };
    const [created] = await (await push({ oauth_token: undefined })).episodesOf(JSON.stringify(changed));
    expect(created?.text.includes("lies")).toBe(isShown);
  });

  test("whose event comes when it is solved already was not opened as solved", async () => {
    const { desk, push } = await openDesk();
    desk.open({ status: "solved", at: minute(0) });
    const [step] = desk.steps;
    const [body] = step === undefined ? [] : envelopesOf(step, desk);
    const { episodesOf: mapped } = await push({ oauth_token: undefined });
    const kindsOf = async (detail: object) =>
      (await mapped(JSON.stringify({ ...body, detail: { ...(body?.["detail"] as object), ...detail } }))).map(({ kind }) => kind);
    expect(await kindsOf({})).toEqual(["zendesk.ticket.created", "zendesk.ticket.solved"]);
    expect(await kindsOf({ updated_at: "2025-06-01T09:10:00Z" })).toEqual(["zendesk.ticket.created"]);
  });

  test("that was deleted is left out with its events", async () => {
    const { desk, pull } = await openDesk();
    const gone = desk.open({ description: "please forget me", at: minute(0) });
    desk.comment(gone, { at: minute(1) });
    desk.open({ at: minute(2) });
    desk.remove(gone, minute(3));
    const pages = await (await pull()).walk();
    expect(keysOf(pages)).toHaveLength(1);
    expect(skippedOf(pages)).toEqual({ deleted: 1, ticket_gone: 2 });
  });

  test("that was merged says so once, and not that it was closed", async () => {
    const { desk, pull } = await openDesk();
    const kept = desk.open({ at: minute(0) });
    desk.merge(desk.open({ at: minute(1) }), kept, { at: minute(2) });
    const kinds = episodesOf(await (await pull()).walk()).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["zendesk.ticket.created", "zendesk.ticket.created", "zendesk.ticket.merged"]);
  });

  test("that was solved and then merged has its solve, too", async () => {
    const { desk, pull } = await openDesk();
    const kept = desk.open({ at: minute(0) });
    const other = desk.open({ at: minute(1) });
    desk.move(other, "solved", { at: minute(2) });
    desk.merge(other, kept, { at: minute(3) });
    const kinds = episodesOf(await (await pull()).walk()).map(({ kind }) => kind.slice("zendesk.ticket.".length));
    expect(kinds.toSorted()).toEqual(["created", "created", "merged", "solved"]);
  });

  test("that follows a merged one has its tags, and a solve and an end of its own", async () => {
    const { desk, fake, pull } = await openDesk();
    const ticket = desk.open({ tags: ["closed_by_merge"], at: minute(0) });
    fake.patches.set(ticket.id, { via: { channel: "email", source: { from: { ticket_id: 7 }, to: {}, rel: "follow_up" } } });
    desk.move(ticket, "solved", { at: minute(1) });
    desk.move(ticket, "closed", { by: -1, at: minute(2) });
    const kinds = episodesOf(await (await pull()).walk()).map(({ kind }) => kind.slice("zendesk.ticket.".length));
    expect(kinds).toEqual(["created", "solved", "closed"]);
  });

  test.each(["archived", "scrubbed", "deleted", "painted"])("that goes from closed to %s was not reopened", async (status) => {
    const { desk, push } = await openDesk();
    const { episodesOf: mapped } = await push({ oauth_token: undefined });
    const ticket = desk.open({ status: "closed", at: minute(0) });
    const [body] = envelopesOf(desk.move(ticket, status, { at: minute(1) }), desk);
    expect(await mapped(JSON.stringify(body))).toEqual([]);
  });

  test("that is restored was not closed anew", async () => {
    const { desk, push } = await openDesk();
    const { episodesOf: mapped } = await push({ oauth_token: undefined });
    const ticket = desk.open({ status: "closed", at: minute(0) });
    desk.move(ticket, "deleted", { at: minute(1) });
    const [body] = envelopesOf(desk.move(ticket, "closed", { at: minute(2) }), desk);
    expect(await mapped(JSON.stringify(body))).toEqual([]);
  });

  test("is rated anew when the verdict changes, or a comment is added", async () => {
    const { desk, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    const { walk } = await pull();
    const texts: string[] = [];
    for (const [score, comment] of [["offered"], ["bad"], ["bad", "too slow"], ["good", "mended"]] as const) {
      desk.rate(ticket, score, comment, minute(5));
      ticket.rating = { ...ticket.rating, id: 1 };
      texts.push(...textsOf(await walk()).filter((text) => text.includes("rated")));
    }
    expect(texts).toEqual([
      `Carl Customer rated the support bad: ${ticket.subject}`,
      `Carl Customer rated the support bad: too slow (${ticket.subject})`,
      `Carl Customer rated the support good: mended (${ticket.subject})`,
    ]);
  });
});

describe("a comment", () => {
  test("is read as text from HTML, with links and the names of attachments", async () => {
    const { desk, pull } = await openDesk();
    const ticket = desk.open({ subject: "Export", at: minute(0) });
    const html =
      '<p>See <a href="https://acme.example/x">the page</a></p><ul><li>one</li><li>two</li></ul><script>alert(1)</script>';
    desk.comment(ticket, { body: "ignored", html, files: ["a.png", "b\n.pdf"], at: minute(1) });
    const text = textsOf(await (await pull()).walk())[1] ?? "";
    expect(text).toContain("Ada Agent replied: See the page (https://acme.example/x)");
    expect(text).toContain("- two");
    expect(text).toContain("Attached: a.png, b .pdf");
    expect(text).not.toContain("alert");
  });

  test("has the author's name, and its words within the first 60 characters, however long names and subjects are", async () => {
    const { desk, pull } = await openDesk();
    const requester = desk.addUser(`Baron ${"von ".repeat(40)}Long`);
    const ticket = desk.open({ requester, subject: "subject ".repeat(40), at: minute(0) });
    desk.comment(ticket, { by: requester, body: "WORDS", at: minute(1) });
    const [, comment] = episodesOf(await (await pull()).walk());
    expect(comment?.text.indexOf("WORDS")).toBeLessThanOrEqual(60);
    expect(comment?.author).toMatchObject({ kind: "external" });
  });

  test("that begins like the description half a minute before is a comment of its own", async () => {
    const { desk, pull, push } = await openDesk();
    const alert = "The monitoring reports an alert of the highest severity, which somebody has to look at now: disk";
    const at = (second: number) => new Date(minute(0).getTime() + second * 1_000);
    const ticket = desk.open({ description: `${alert} 1 is full`, at: at(0) });
    const step = desk.comment(ticket, { by: desk.customer, body: `${alert} 2 is full`, at: at(30) });
    const pulled = episodesOf(await (await pull()).walk());
    expect(pulled.map(({ kind }) => kind)).toEqual(["zendesk.ticket.created", "zendesk.comment.posted"]);
    const [body] = envelopesOf(step, desk);
    const [pushed] = await (await push()).episodesOf(JSON.stringify(body));
    expect(pushed?.idempotency_key).toBe(pulled[1]?.idempotency_key);
  });

  test("of someone whose role is unknown names them and vouches for nothing", async () => {
    const { desk, pull } = await openDesk();
    const stranger = desk.addUser("Sam Stranger");
    Object.assign(desk.users.get(stranger) ?? {}, { role: "guest" });
    desk.comment(desk.open({ at: minute(0) }), { by: stranger, body: "hello", at: minute(1) });
    const [, comment] = episodesOf(await (await pull()).walk());
    expect([comment?.text.split(" replied")[0], comment?.author]).toEqual(["Sam Stranger", undefined]);
  });

  test("that a rule adds while the ticket is opened is a note of its own, wherever it stands", async () => {
    const { desk, fake, pull } = await openDesk({ entry: { internal_notes: true } });
    desk.open({ description: "It is on fire.", at: minute(0) });
    const [step] = desk.steps;
    const { child_events: given = [] } = step === undefined ? {} : eventRow(step, { comments: true, creates: true });
    const note = { id: 77, event_type: "Comment", author_id: -1, public: false, body: "VIP", plain_body: "VIP" };
    for (const child_events of [
      [...(given as readonly object[]), note],
      [note, ...(given as readonly object[])],
    ]) {
      fake.patches.set(step?.id ?? 0, { child_events });
      expect(textsOf(await (await pull()).walk()).map((text) => text.split("\n").at(-1))).toEqual(
        expect.arrayContaining(["It is on fire.", expect.stringContaining("Zendesk noted: VIP")]),
      );
    }
  });

  test("whose words are taken out says so by both ways, once, whatever status is wanted", async () => {
    const { desk, pull, push, receiver } = await openDesk({ entry: { statuses: ["solved"] } });
    const ticket = desk.open({ subject: "Card", at: minute(0) });
    const { comment } = desk.comment(ticket, { body: "4111 1111 1111 1111", at: minute(1) });
    const steps = [1, 2].map((at) => desk.redact(ticket, comment?.id ?? 0, { at: minute(1 + at) }));
    const pulled = episodesOf(await (await pull()).walk());
    expect(pulled.map(({ kind, text }) => [kind, text])).toEqual(
      steps.map(() => ["zendesk.comment.redacted", "Ada Agent redacted a comment: Card"]),
    );
    const bodies = steps.flatMap((step) => envelopesOf(step, desk)).map((body) => JSON.stringify(body));
    const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(bodies[0] ?? ""), receivedAtMs: 0 };
    expect(receiver().respond?.(request)).toBeUndefined();
    const { episodesOf: mapped } = await push();
    const pushed = (await Promise.all(bodies.map((body) => mapped(body)))).flat();
    expect(new Set([...pulled, ...pushed].map(({ idempotency_key: key }) => key)).size).toBe(1);
  });

  test.each(["comment", "comment_id"] as const)(
    "that is made private, or loses a file, is reported both ways under one key, with the id in `%s`",
    async (redacted) => {
      const { desk, pull, push } = await openDesk({ entry: { statuses: ["solved"] } });
      const ticket = desk.open({ subject: "Scan", at: minute(0) });
      const comment = desk.comment(ticket, { files: ["passport.png"], at: minute(1) }).comment?.id ?? 0;
      const steps = [
        desk.redactFile(ticket, { comment, attachment: comment * 10 }, { at: minute(2) }),
        desk.hide(ticket, comment, { at: minute(3) }),
      ];
      const pulled = episodesOf(await (await pull()).walk());
      expect(pulled.map(({ kind, text }) => [kind, text])).toEqual([
        ["zendesk.attachment.redacted", "Ada Agent redacted an attachment: Scan"],
        ["zendesk.comment.made_private", "Ada Agent made a comment private: Scan"],
      ]);
      const { episodesOf: mapped } = await push();
      const bodies = steps.flatMap((step) => envelopesOf(step, desk, { redacted }));
      const pushed = (await Promise.all(bodies.map((body) => mapped(JSON.stringify(body))))).flat();
      const keysIn = (made: typeof pulled) => made.map(({ idempotency_key: key }) => key);
      expect(keysIn(pushed)).toEqual(keysIn(pulled));
    },
  );

  test("without words and attachments is none", async () => {
    const { desk, pull } = await openDesk();
    desk.comment(desk.open({ at: minute(0) }), { body: "", html: "<p>&nbsp;</p>", at: minute(1) });
    expect(keysOf(await (await pull()).walk())).toHaveLength(1);
  });

  test("without words is left to the twin, which names its attachments, and is kept without one", async () => {
    const { desk, pull, push } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { body: " ", html: " ", files: ["fire.png"], at: minute(1) });
    const body = JSON.stringify(envelopesOf(step, desk)[0]);
    expect(await (await push({}, { twin: "history" })).episodesOf(body)).toEqual([]);
    const [alone] = await (await push()).episodesOf(body);
    const [, pulled] = episodesOf(await (await pull()).walk());
    expect(pulled?.text).toContain("Attached: fire.png");
    expect(alone?.idempotency_key).toBe(pulled?.idempotency_key);
  });

  test("by a rule is by a bot", async () => {
    const { desk, pull } = await openDesk();
    desk.move(desk.open({ at: minute(0) }), "closed", { by: -1, at: minute(1) });
    const [, closed] = episodesOf(await (await pull()).walk());
    expect([closed?.text.split(" ")[0], closed?.author?.kind]).toEqual(["Zendesk", "bot"]);
  });
});

describe("the subject", () => {
  test.each([
    ["requester", (id: number) => `customer:zendesk.acme.${id}`],
    ["organization", () => "organization:zendesk.acme."],
    ["ticket", () => "ticket:zendesk.acme."],
  ])("of an entry by %s is its own in each account", async (subject_by, expected) => {
    const { desk, pull } = await openDesk({ entry: { subject_by } });
    desk.open({ at: minute(0) });
    desk.open({ organization: null, at: minute(1) });
    const [one, other] = episodesOf(await (await pull()).walk());
    expect(one?.subject.startsWith(expected(desk.customer))).toBe(true);
    expect(other?.subject.startsWith(subject_by === "organization" ? "customer:" : expected(desk.customer))).toBe(true);
  });
});
