import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import type { FakeMail, FakePart } from "../src/testing/index.ts";
import { idsOf, openGoogle, read } from "./open-google.ts";

async function episodeOf(mail: FakeMail, entry: Readonly<Record<string, unknown>> = {}, isSent = false) {
  const { fake, source } = await openGoogle({ entry });
  if (isSent) fake.mailbox.send(mail);
  else fake.mailbox.receive(mail);
  const { episodes, skipped, failures } = await read(source);
  expect(failures).toEqual([]);
  return { episode: episodes[0], skipped };
}

const part = (mimeType: string, content: string | Uint8Array, more: Partial<FakePart> = {}): FakePart => ({
  mimeType,
  content,
  ...more,
});

describe("an episode", () => {
  test("of a received mail is about its sender, in its thread, at Gmail's time", async () => {
    const { fake, source, clock } = await openGoogle();
    const id = fake.mailbox.receive({
      from: '"Ann Lee" <Ann.Lee@Acme.com>',
      subject: "Re: Budget 2027",
      text: "The numbers are final.",
      threadId: "18c0aaaa",
      headers: [["Date", "Mon, 01 Jan 1990 00:00:00 +0000"]],
      files: { "budget.pdf": "%PDF" },
    });
    const { episodes } = await read(source);
    expect(episodes).toHaveLength(1);
    expect(episodes[0]).toMatchObject({
      subject: canonicalSubject("relationship:ann.lee@acme.com"),
      kind: "gmail.message.received",
      title: "Budget 2027",
      session: "gmail-18c0aaaa",
      occurred_at: new Date(clock.now()).toISOString(),
      source: {
        type: "gmail.message.received",
        id: `message:${id}`,
        url: `https://mail.google.com/mail/u/?authuser=me%40example.com#all/${id}`,
      },
      author: { kind: "external" },
      metadata: {
        account: "me@example.com",
        direction: "received",
        message_id: id,
        label_ids: ["INBOX", "UNREAD", "CATEGORY_PERSONAL"],
      },
    });
    expect(episodes[0]?.text).toMatch(/^Ann Lee replied to .*: Budget 2027\nThe numbers are final\./);
    expect(episodes[0]?.text).toContain("Attached: budget.pdf");
    expect(episodes[0]?.subject).toMatch(/^[A-Za-z0-9_.:-]{1,256}$/);
  });

  test("of a sent mail is about its first receiver that is not the owner, and by the owner", async () => {
    const mail = { to: "support@example.com, Ben <ben@acme.com>", subject: "Offer" };
    const { episode } = await episodeOf(mail, { addresses: ["support@example.com"] }, true);
    expect(episode).toMatchObject({
      subject: canonicalSubject("relationship:ben@acme.com"),
      kind: "gmail.message.sent",
      author: { kind: "self" },
    });
  });

  test("without any address is about its thread", async () => {
    const { episode } = await episodeOf({ from: "", to: "", threadId: "18c0bbbb" });
    expect(episode?.subject).toBe("thread:gmail-18c0bbbb");
  });

  test("has no quotes and signatures, unless the entry keeps them", async () => {
    const text =
      "Yes, on Monday.\n\n-- \nAnn Lee\nAcme\n\nOn Mon, 5 Jan 2026 at 10:00, Ben <ben@example.com> wrote:\n> When do we meet?\n> Ben";
    const trimmed = (await episodeOf({ text })).episode?.text;
    expect(trimmed).toContain("Yes, on Monday.");
    expect(trimmed).not.toMatch(/When do we meet|Acme/);
    const whole = (await episodeOf({ text }, { quotes: true, signatures: true })).episode?.text;
    expect(whole).toContain("When do we meet?");
    expect(whole).toContain("Acme");
  });

  test("names a sender verified only by the configured server's results", async () => {
    const headers = [["Authentication-Results", "mx.google.com; dmarc=pass header.from=acme.com"]] as const;
    const from = "ann@acme.com";
    const authored = async (entry: Readonly<Record<string, unknown>>) =>
      (await episodeOf({ from, headers }, entry)).episode?.author;
    expect(await authored({})).not.toHaveProperty("verifiedBy");
    expect(await authored({ authserv_id: "mx.other.com" })).not.toHaveProperty("verifiedBy");
    expect(await authored({ authserv_id: "mx.google.com" })).toMatchObject({ kind: "external", verifiedBy: "dmarc" });
    expect(await authored({ authserv_id: "mx.google.com", member_domains: "acme.com" })).toMatchObject({ kind: "member" });
  });

  test.each<[string, FakePart, string]>([
    ["HTML only", part("text/html", "<p>Hello <b>Ann</b></p>"), "Hello Ann"],
    [
      "the plain one of two alternatives",
      { mimeType: "multipart/alternative", parts: [part("text/plain", "plain words"), part("text/html", "<p>rich words</p>")] },
      "plain words",
    ],
    [
      "windows-1252",
      part("text/plain", Buffer.from([0x93, 0x68, 0x69, 0x94]), {
        headers: { "Content-Type": "text/plain; charset=windows-1252" },
      }),
      "\u201chi\u201d",
    ],
    [
      "iso-2022-jp",
      part("text/plain", Buffer.from("\u001b$B$3$s$K$A$O\u001b(B", "latin1"), {
        headers: { "Content-Type": "text/plain; charset=iso-2022-jp" },
      }),
      "\u3053\u3093\u306b\u3061\u306f",
    ],
    [
      "a mail within the mail",
      {
        mimeType: "message/rfc822",
        parts: [{ mimeType: "text/plain", headers: { Subject: "Inner", From: "in@acme.com" }, content: "inner words" }],
      },
      "inner words",
    ],
    [
      "encrypted",
      {
        mimeType: "multipart/encrypted",
        parts: [part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")],
      },
      "encrypted",
    ],
  ])("reads %s", async (_, root, words) => {
    expect((await episodeOf({ root })).episode?.text).toContain(words);
  });

  test("of a mail without a text shows the first words that Gmail gives", async () => {
    const { fake, source } = await openGoogle({ mails: 1 });
    const raw = {
      mailbox: "me@example.com",
      message: {
        id: "a",
        threadId: "b",
        internalDate: "1",
        snippet: "first &lt;words&gt;",
        payload: { headers: [{ name: "From", value: "ann@acme.com" }] },
      },
    };
    expect(source.map?.(raw)[0]?.text).toContain("first <words>");
    expect(fake.refused).toEqual([]);
  });

  test("of a long text that comes apart from its message has it", async () => {
    const { fake, source } = await openGoogle();
    fake.mailbox.receive({ text: `Beginning ${"many words ".repeat(40_000)}` });
    fake.forget();
    const { episodes } = await read(source);
    expect(episodes[0]?.text).toContain("Beginning many words");
    expect(fake.requests["GET /gmail/v1/users/:user/messages/:message/attachments/:attachment"]).toBe(1);
  });

  test("of a text of more than 1 MiB that comes apart has its first words, and the text is not fetched", async () => {
    const { fake, source } = await openGoogle();
    fake.mailbox.receive({ text: `Beginning ${"many words ".repeat(100_000)}` });
    fake.forget();
    const { episodes } = await read(source);
    expect(episodes[0]?.text).toContain("Beginning many words");
    expect(fake.requests["GET /gmail/v1/users/:user/messages/:message/attachments/:attachment"] ?? 0).toBe(0);
  });
});

describe("what programs send", () => {
  test.each<[string, readonly (readonly [string, string])[], string, string]>([
    ["a mailing list", [["List-Id", "<dev.lists.example.com>"]], "mailing_list", "mailing_lists"],
    ["an absence note", [["Auto-Submitted", "auto-replied"]], "automatic", "automatic"],
    ["a bulk mail", [["Precedence", "bulk"]], "automatic", "automatic"],
  ])("is left out and counted: %s, unless the entry keeps it", async (_, headers, reason, option) => {
    const left = await episodeOf({ headers });
    expect([left.episode, left.skipped]).toEqual([undefined, { [reason]: 1 }]);
    expect((await episodeOf({ headers }, { [option]: true })).episode).toBeDefined();
  });

  test("the owner's own mail to a list is kept", async () => {
    expect((await episodeOf({ headers: [["List-Id", "<dev.lists.example.com>"]] }, {}, true)).episode).toBeDefined();
  });
});

describe("changes of mails", () => {
  test("are reported with the entry's options, once for each record", async () => {
    const { fake, source } = await openGoogle({ entry: { deletions: true, label_changes: ["Label_1", "STARRED"] } });
    const label = fake.mailbox.createLabel("Key accounts");
    const id = fake.mailbox.receive({ from: "Ann Lee <ann@acme.com>", subject: "Invoice 7" });
    const { cursor } = await read(source);
    fake.mailbox.addLabels(id, label, "IMPORTANT");
    fake.mailbox.removeLabels(id, "UNREAD");
    fake.mailbox.removeLabels(id, label);
    const labelled = await read(source, cursor);
    fake.mailbox.trash(id);
    const trashed = await read(source, labelled.cursor);
    const episodes = [...labelled.episodes, ...trashed.episodes];
    expect(episodes.map(({ kind, text }) => [kind, text])).toEqual([
      ["gmail.message.labels_changed", "A mail got the label Key accounts: Invoice 7 (from Ann Lee to me@example.com)"],
      ["gmail.message.labels_changed", "A mail lost the label Key accounts: Invoice 7 (from Ann Lee to me@example.com)"],
      ["gmail.message.deleted", "A mail was moved to the trash: Invoice 7 (from Ann Lee to me@example.com)"],
    ]);
    expect(new Set(episodes.map(({ subject }) => subject))).toEqual(new Set([canonicalSubject("relationship:ann@acme.com")]));
    expect(new Set(episodes.map(({ idempotency_key }) => idempotency_key)).size).toBe(3);
  });

  test("are not read without these options", async () => {
    const { fake, source } = await openGoogle({ mails: 3 });
    const { cursor } = await read(source);
    fake.mailbox.trash(fake.mailbox.sorted()[0]?.id ?? "");
    expect((await read(source, cursor)).episodes).toEqual([]);
  });

  test("that cannot be read again are known by their ids", async () => {
    const { fake, source } = await openGoogle({ mails: 1, entry: { deletions: true } });
    const { cursor } = await read(source);
    const [message] = fake.mailbox.sorted();
    fake.mailbox.delete(message?.id ?? "");
    const { episodes } = await read(source, cursor);
    expect(episodes).toMatchObject([{ kind: "gmail.message.deleted", subject: `thread:gmail-${message?.threadId}` }]);
  });

  test("are not those of mails that the entry does not keep", async () => {
    const { fake, source } = await openGoogle({ entry: { deletions: true, label_ids: ["STARRED"] } });
    const [other = "", own = ""] = [["INBOX"], ["INBOX", "STARRED"]].map((labelIds) => fake.mailbox.receive({ labelIds }));
    const { cursor } = await read(source);
    fake.mailbox.delete(other);
    fake.mailbox.delete(own);
    const { episodes, skipped } = await read(source, cursor);
    expect([idsOf(episodes), skipped]).toEqual([[own], { other_labels: 1 }]);
  });

  test("are reported of a mail that is deleted in the trash before it is read", async () => {
    const { fake, source } = await openGoogle({ mails: 1, entry: { deletions: true } });
    const { cursor } = await read(source);
    const id = fake.mailbox.sorted()[0]?.id ?? "";
    fake.mailbox.trash(id);
    fake.mailbox.delete(id);
    const { episodes, skipped } = await read(source, cursor);
    expect([idsOf(episodes), episodes.map(({ kind }) => kind), skipped]).toEqual([[id], ["gmail.message.deleted"], {}]);
  });

  test("are reported when a mail loses the label by which the entry keeps it, or is moved to spam", async () => {
    const { fake, source } = await openGoogle({ entry: { label_ids: ["STARRED"], label_changes: ["STARRED", "SPAM"] } });
    const [one = "", two = ""] = [1, 2].map(() => fake.mailbox.receive({ labelIds: ["INBOX", "STARRED"] }));
    const { cursor } = await read(source);
    fake.mailbox.removeLabels(one, "STARRED");
    fake.mailbox.addLabels(two, "SPAM");
    const { episodes } = await read(source, cursor);
    expect(episodes.map(({ text }) => text.split(":")[0])).toEqual([
      "A mail lost the label STARRED",
      "A mail got the label SPAM",
    ]);
  });
});

describe("a text that is apart from its message and unavailable", () => {
  test.each([404, 400])("leaves the first words, and keeps no mail from being read: %s", async (status) => {
    const { fake, source } = await openGoogle({ mails: 2 });
    const id = fake.mailbox.receive({ text: `Beginning ${"many words ".repeat(40_000)}` });
    fake.setFaults([{ type: "status", status, on: "GET /gmail/v1/users/:user/messages/:message/attachments/:attachment" }]);
    const { episodes, skipped, failures } = await read(source);
    expect([episodes.length, skipped, failures]).toEqual([3, {}, []]);
    expect(episodes.find(({ source: of }) => of.id === `message:${id}`)?.text).toContain("Beginning many words");
  });
});

test("a message of which Gmail returns only its headers has no file that is its multipart", async () => {
  const { source } = await openGoogle();
  const headers = [{ name: "From", value: "ann@acme.com" }];
  const payload = { mimeType: "multipart/mixed", headers };
  const message = { id: "a", threadId: "b", internalDate: "1", snippet: "first words", payload };
  const [episode] = source.map?.({ mailbox: "me@example.com", message }) ?? [];
  expect(episode?.text).toContain("first words");
  expect(episode?.text).not.toContain("Attached");
});
