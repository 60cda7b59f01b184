import { describe, expect, test } from "vitest";
import { canonicalSubject, idempotencyKey } from "@statewave-connectors/connector-sdk";
import {
  counterparty,
  mailEpisode,
  type MailEpisodeOptions,
  mailEpisodeText,
  messageKey,
  parseAddresses,
  readMail,
  readSubject,
} from "../src/index.ts";
import { headersOf, rawMail } from "./raw-mail.ts";

const own = ["ben@example.com", "sales@example.com"];

function between(from: string, to: string, cc = "") {
  return { from: parseAddresses(from), sender: [], to: parseAddresses(to), cc: parseAddresses(cc), bcc: [] };
}

describe("the counterparty of a mail", () => {
  test.each([
    ["received: its sender", "Ann <Ann@Example.ORG>", "ben@example.com", "received", "ann@example.org"],
    [
      "sent: the first receiver that is not the owner",
      "Ben+x@example.com",
      "sales@example.com, cem@x.example, d@x.example",
      "sent",
      "cem@x.example",
    ],
    ["sent under another address of the owner", "SALES@example.com", "ann@x.example", "sent", "ann@x.example"],
    ["without its tag", "ann+news@x.example", "ben@example.com", "received", "ann@x.example"],
    [
      "with its domain as it stands in DNS",
      "ann@B\u00FCcher.example",
      "ben@example.com",
      "received",
      "ann@xn--bcher-kva.example",
    ],
    ["of a mail to oneself: the owner", "ben@example.com", "Ben+notes@example.com", "sent", "ben@example.com"],
    ["in Cc, when To is the owner alone", "ben@example.com", "ben@example.com", "sent", "cem@x.example", "cem@x.example"],
    ["at Google, without dots", "A.nn@googlemail.com", "ben@example.com", "received", "ann@gmail.com"],
  ])("%s", (_, from, to, direction, address, cc = "") => {
    const found = counterparty(between(from, to, cc), own);
    expect(found).toMatchObject({ direction, address, subject: canonicalSubject(`relationship:${address}`) });
    expect(found?.subject).toMatch(/^[A-Za-z0-9_.:-]{1,256}$/);
  });

  test("is by the mailbox's word where it has one: anyone can write the own address into From", () => {
    const forged = between("ben@example.com", "ben@example.com, ann@x.example");
    expect(counterparty(forged, own, { direction: "received" })).toMatchObject({
      direction: "received",
      address: "ann@x.example",
    });
  });

  test("is missing when the mail names no one", () => {
    expect(counterparty(between("nobody", "undisclosed-recipients:;"), own)).toBeUndefined();
  });
});

describe("the key of a mail", () => {
  const lines = ["From: Ann <ann@x.example>", "To: ben@example.com", "Date: Mon, 30 Nov 2026 20:38:00 +0000", "Subject: Friday"];
  const id = "Message-ID: <a@x.example>";
  const key = (...header: readonly string[]) => messageKey("Ben@Example.com", headersOf(...header));

  test("is the account, the Message-ID, and a hash of the raw From, To, Date and Subject", () => {
    expect(key(id, ...lines)).toEqual(["ben@example.com", "<a@x.example>", expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  test("is the same when a server adds headers or folds them anew", () => {
    const folded = lines.map((line) => line.replace(": ", ":\r\n "));
    expect(key("X-Folder: 2", "Received: by b", id, ...folded)).toEqual(key(id, ...lines));
  });

  test.each(["From", "To", "Date", "Subject"])("is another one when %s differs", (name) => {
    const changed = lines.map((line) => (line.startsWith(name) ? `${line}!` : line));
    expect(key(id, ...changed)).not.toEqual(key(id, ...lines));
  });

  test("is another one when a word moves from one header to the next", () => {
    expect(key(id, "From: a", "To: b")).not.toEqual(key(id, "From: a b"));
    expect(key(id, "From: a", "From: b")).not.toEqual(key(id, "From: a b"));
  });

  test("never changes", () => {
    expect(key(id, ...lines)).toEqual(["ben@example.com", "<a@x.example>", "b1b12bc019fd63278e7accc00b95e36e"]);
    expect(messageKey("ben@example.com", headersOf(...lines), "a")).toEqual([
      "ben@example.com",
      "",
      "7d7cf48390cf31009741ec45df65aeb6",
    ]);
    const { fingerprint } = readMail(rawMail(...lines, "", "Is it Friday?"));
    expect(fingerprint).toBe("5ccdebc1e9585fe38cd3f6fd7c093226");
  });

  test("without a Message-ID is a hash of all headers and the body", () => {
    const headers = headersOf(...lines);
    const [account, none, hash] = messageKey("ben@example.com", headers, "a");
    expect([account, none]).toEqual(["ben@example.com", ""]);
    expect(messageKey("ben@example.com", headers, "a")[2]).toBe(hash);
    expect(messageKey("ben@example.com", headers, "b")[2]).not.toBe(hash);
    expect(messageKey("ben@example.com", headersOf(...lines, "X-A: b"), "a")[2]).not.toBe(hash);
  });

  test("is another one in another account", () => {
    expect(messageKey("cem@example.com", headersOf(id))).not.toEqual(messageKey("ben@example.com", headersOf(id)));
  });
});

describe("a subject line", () => {
  test.each([
    ["Re: Budget", "Budget", "reply"],
    ["AW: Re: WG: Budget", "Budget", "reply"],
    ["Fwd: FW: SV: Budget", "Budget", "forward"],
    ["Re[2]: RE(3): Re^4: Budget", "Budget", "reply"],
    ["TR : Budget", "Budget", "forward"],
    ["回复：预算", "预算", "reply"],
    ["Budget: re: next year", "Budget: re: next year", "new"],
    ["Restart: now", "Restart: now", "new"],
    ["Re:", "", "reply"],
    ["", "", "new"],
  ])("%s", (subject, title, is) => {
    expect(readSubject(subject)).toEqual({ title, is });
  });
});

describe("the text of a mail", () => {
  test("says who wrote whom about what, its own words, and its attachments by name", () => {
    const mail = readMail(
      rawMail(
        "From: Ann Lee <ann@x.example>",
        "To: Ben Ode <ben@example.com>, cem@example.com",
        "Subject: Re: Budget 2027",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "The numbers are final.",
        "",
        "Ann Lee wrote:",
        "> Are they?",
        "--b",
        "Content-Type: application/pdf; name=budget.pdf",
        "",
        "x",
        "--b--",
      ),
    );
    expect(mailEpisodeText(mail)).toBe(
      "Ann Lee replied to Ben Ode and 1 other: Budget 2027\nThe numbers are final. Attached: budget.pdf",
    );
    expect(mailEpisodeText(mail, { quotes: false })).toContain("Are they?");
  });

  test("begins with words of the subject within the first 60 characters, however long the names are", () => {
    const name = "A".repeat(300);
    const mail = readMail(
      rawMail(`From: ${name} <ann@x.example>`, `To: ${name} <ben@x.example>`, "Subject: Budget", "", "Hello."),
    );
    expect(mailEpisodeText(mail).indexOf("Budget")).toBeLessThan(60);
  });

  test("shows the address of a sender whose name looks like another one", () => {
    const mail = readMail(
      rawMail('From: "ceo@bank.example" <eve@x.example>', "To: Ben <ben@example.com>", "Subject: Pay", "", "Now."),
    );
    expect(mailEpisodeText(mail)).toBe("eve@x.example wrote to Ben: Pay\nNow.");
  });

  test("names its attachments however long it is, and says that it is cut", () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `Line ${index} of many.`);
    const mail = readMail(
      rawMail(
        "From: ann@x.example",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        ...lines,
        "--b",
        "Content-Type: application/pdf; name=budget.pdf",
        "",
        "x",
        "--b--",
      ),
    );
    const text = mailEpisodeText(mail);
    expect(text).toContain("[cut]");
    expect(text).toContain("Attached: budget.pdf");
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
  });
});

describe("the episode of a mail", () => {
  const lines = [
    "Authentication-Results: mx.example.com; dmarc=pass header.from=x.example",
    "Message-ID: <b@x.example>",
    "References: <a@x.example>",
    "From: Ann Lee <ann@x.example>",
    "To: ben@example.com",
    "Date: Mon, 30 Nov 2026 21:38:00 +0100",
    "Subject: Re: Budget",
    "",
    "Yes.",
  ];
  const options: MailEpisodeOptions = {
    connector: "imap",
    account: "ben@example.com",
    occurredAt: "2026-11-30T20:39:00.000Z",
    source: { type: "imap.message", id: "INBOX/1" },
    authservId: "mx.example.com",
  };

  test("has all that an agent needs", () => {
    const mail = readMail(rawMail(...lines));
    expect(mailEpisode(mail, options)).toEqual({
      subject: canonicalSubject("relationship:ann@x.example"),
      kind: "imap.message.received",
      text: "Ann Lee replied to ben@example.com: Budget\nYes.",
      title: "Budget",
      occurred_at: "2026-11-30T20:39:00.000Z",
      source: { type: "imap.message", id: "INBOX/1" },
      idempotency_key: idempotencyKey("imap", ...messageKey("ben@example.com", mail.headers)),
      session: expect.stringMatching(/^imap-[0-9a-f]{24}$/),
      author: { name: "Ann Lee <ann@x.example>", kind: "external", verifiedBy: "dmarc" },
      metadata: {
        account: "ben@example.com",
        direction: "received",
        from: ["Ann Lee <ann@x.example>"],
        to: ["ben@example.com"],
        subject_line: "Re: Budget",
        message_id_header: "<b@x.example>",
        date_header: "2026-11-30T20:38:00.000Z",
      },
    });
  });

  test("is in the session of the mail that began the thread", () => {
    const first = readMail(rawMail("Message-ID: <a@x.example>", "From: ben@example.com", "", "?"));
    expect(mailEpisode(first, options).session).toBe(mailEpisode(readMail(rawMail(...lines)), options).session);
  });

  test.each([
    ["sent by the mailbox's word", ["From: ben@example.com"], { direction: "sent" }, { kind: "self" }],
    ["with the own address, unverified", ["From: ben@example.com"], {}, { kind: "external" }],
    [
      "with the own address, verified",
      ["Authentication-Results: mx.example.com; dmarc=pass header.from=example.com", "From: ben@example.com"],
      {},
      { kind: "self", verifiedBy: "dmarc" },
    ],
    ["with the own address, received", ["From: ben@example.com"], { direction: "received" }, { kind: "external" }],
    ["automatic", ["From: ann@x.example", "Precedence: bulk"], {}, { kind: "bot" }],
    ["without a sender", ["To: ben@example.com"], {}, { kind: "anonymous" }],
    ["of a member's domain, unverified", ["From: ann@example.com"], { memberDomains: ["example.com"] }, { kind: "external" }],
    [
      "of a member's domain, verified",
      ["Authentication-Results: mx.example.com; dmarc=pass header.from=example.com", "From: ann@example.com"],
      { memberDomains: ["example.com"] },
      { kind: "member", verifiedBy: "dmarc" },
    ],
  ] as const)("knows the author of a mail %s", (_, header, known, author) => {
    const episode = mailEpisode(readMail(rawMail(...header, "", "Hi.")), { ...options, ...known });
    expect(episode.author).toEqual({ name: expect.any(String), ...author });
  });

  test("counts a mail with the own address as sent only where its sender is verified, or none is", () => {
    const kind = (known: Partial<MailEpisodeOptions>, ...header: readonly string[]) => {
      const mail = readMail(rawMail(...header, "From: ben@example.com", "To: ann@x.example", "", "Hi."));
      return mailEpisode(mail, { ...options, ...known }).kind;
    };
    expect(kind({})).toBe("imap.message.received");
    expect(kind({ authservId: undefined })).toBe("imap.message.sent");
    expect(kind({}, "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com")).toBe("imap.message.sent");
    expect(kind({ direction: "sent" })).toBe("imap.message.sent");
  });

  test("of a mail that names no one is filed under its thread", () => {
    const { subject, session } = mailEpisode(readMail(rawMail("Subject: a", "", "b")), options);
    expect(subject).toBe(canonicalSubject(`thread:${session}`));
  });

  test("says that a mail is automatic and from a list", () => {
    const mail = readMail(rawMail("List-Id: Dev <dev.x.example>", "Precedence: bulk", "From: ann@x.example", "", "Hi."));
    expect(mailEpisode(mail, options).metadata).toMatchObject({
      mailing_list: "Dev <dev.x.example>",
      automatic: "Precedence: bulk",
    });
  });

  test("is one, whichever folder of the mailbox has the mail", () => {
    const mail = readMail(rawMail("Message-ID: <c@x.example>", "From: ben@example.com", "To: ben@example.com", "", "Note."));
    const [sent, received] = (["sent", "received"] as const).map((direction) => mailEpisode(mail, { ...options, direction }));
    expect(sent?.idempotency_key).toBe(received?.idempotency_key);
  });

  test("is another one for another body, when the mails have no Message-ID", () => {
    const key = (body: string) => mailEpisode(readMail(rawMail("From: ann@x.example", "", body)), options).idempotency_key;
    expect(key("one")).not.toBe(key("two"));
    expect(key("one")).toBe(key("one"));
  });
});
