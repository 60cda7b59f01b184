import { describe, expect, test } from "vitest";
import { decodeTextPart, mailOf, type MailPart, partsToRead, readHeaders, readMail, readParts } from "../src/index.ts";
import { corpus } from "./fixtures/corpus/index.ts";
import { rawMail } from "./raw-mail.ts";

/** A mail as a server describes it before it sends any content. */
function described(part: MailPart): MailPart {
  const { content, parts, ...rest } = part;
  return {
    ...rest,
    ...(content !== undefined && { sizeBytes: content.length }),
    ...(parts !== undefined && { parts: parts.map((each) => described(each)) }),
  };
}

/** The description with the content of the wanted parts, in the order of both trees. */
function fetched(part: MailPart, whole: MailPart, wanted: ReadonlySet<MailPart>): MailPart {
  return {
    ...part,
    ...(wanted.has(part) && whole.content !== undefined && { content: whole.content }),
    ...(part.parts !== undefined && {
      parts: part.parts.map((each, index) => fetched(each, whole.parts?.[index] ?? each, wanted)),
    }),
  };
}

describe("a mail that is read part by part gives the same text as the whole one", () => {
  test.each([...corpus])("%s", (_, raw) => {
    const whole = readMail(raw);
    const { headers, root } = readParts(raw);
    const structure = described(root);
    const mail = mailOf(headers, fetched(structure, root, new Set(partsToRead(structure))));
    expect(mail.text).toBe(whole.text);
    expect(mail.fingerprint).toBe(whole.fingerprint);
    expect(mail.attachments.map(({ sizeBytes: _size, ...attachment }) => attachment)).toEqual(
      whole.attachments.map(({ sizeBytes: _size, ...attachment }) => attachment),
    );
  });

  test("without fetching a file, or the other one of two alternatives", () => {
    const names = (name: string) =>
      partsToRead(described(readParts(corpus.get(name) ?? new Uint8Array()).root)).map(({ contentType }) => contentType);
    expect(names("alternative in mixed in related")).toEqual(["text/plain", "text/html"]);
    expect(names("a text that is a file")).toEqual(["text/plain"]);
    expect(names("encrypted with PGP/MIME")).toEqual([]);
    const long = rawMail(
      "Content-Type: multipart/alternative; boundary=a",
      "",
      "--a",
      "",
      "word ".repeat(100),
      "--a",
      "Content-Type: text/html",
      "",
      "<p>word</p>",
      "--a--",
    );
    expect(partsToRead(described(readParts(long).root)).map(({ contentType }) => contentType)).toEqual(["text/plain"]);
  });
});

describe("the attachments of a mail", () => {
  const attachments = (name: string) => readMail(corpus.get(name) ?? new Uint8Array()).attachments;

  test("have a name, a type, and the size that they have when they are decoded", () => {
    expect(attachments("alternative in mixed in related")).toEqual([
      { name: "plan.pdf", contentType: "application/pdf", sizeBytes: "a pdf".length },
    ]);
    expect(attachments("a text that is a file")).toEqual([{ name: "log.txt", contentType: "text/plain", sizeBytes: 17 }]);
    expect(attachments("a name of a file in sections")).toMatchObject([{ name: "Grüße.pdf" }]);
  });

  test("are no pictures that the text shows", () => {
    expect(attachments("related in alternative in mixed")).toEqual([]);
    expect(attachments("a start in related")).toEqual([]);
  });

  test("say that they are signatures, or Outlook's own format", () => {
    expect(attachments("signed with S/MIME")).toMatchObject([{ name: "smime.p7s", note: "S/MIME signature" }]);
    expect(attachments("outlook's own format")).toMatchObject([{ name: "winmail.dat", note: "Outlook's own format, not read" }]);
  });

  test("of a size that was not read are estimated", () => {
    const part: MailPart = { contentType: "application/pdf", name: "a.pdf", encoding: "base64", sizeBytes: 7800 };
    expect(mailOf(readHeaders(rawMail("")), part).attachments).toMatchObject([{ sizeBytes: 5700 }]);
  });
});

describe("a text part", () => {
  test.each([
    ["in base64", "R3LDvMOfZQ==", { encoding: "BASE64", charset: "utf-8" }, "Grüße"],
    ["in quoted-printable", "Gr=FC=DFe=\r\n!", { encoding: "quoted-printable", charset: "iso-8859-1" }, "Grüße!"],
    ["whose charset is in its type", "Gr\xfc\xdfe", { contentType: 'text/plain; charset="latin1"' }, "Grüße"],
    ["of HTML", "<p>a&amp;b<br>c</p>", { contentType: "text/html" }, "a&b\nc"],
    ["of HTML that names its charset", "<meta charset=koi8-r><p>\xd0\xd2", { contentType: "text/html" }, "пр"],
    [
      "of HTML that names its charset, where a server names the default",
      "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'><p>\xd0\xd2",
      { contentType: "text/html", charset: "US-ASCII" },
      "пр",
    ],
    ["of HTML that calls itself UTF-16", "<meta charset=utf-16le><p>Gr\xc3\xbc\xc3\x9fe", { contentType: "text/html" }, "Grüße"],
    ["that is flowed", "a \r\nb", { contentType: "text/plain; format=flowed" }, "a b"],
    ["that is flowed with delsp", "a \r\nb", { contentType: "text/plain; format=Flowed; DelSp=Yes" }, "ab"],
    ["cut within a character", "Gr\xc3", { charset: "utf-8", isCut: true }, "Gr"],
    ["cut within a character, undeclared", "Gr\xc3\xbc\xc3", { isCut: true }, "Grü"],
    ["longer than its limit", "abcdef", { maxBytes: 3 }, "abc"],
    ["with NULs and carriage returns", "a\0b\rc\r\nd", {}, "ab\nc\nd"],
    ["of a charset that nothing knows", "caf\xe9", { charset: "x".repeat(1000) }, "café"],
  ])("%s", (_, bytes, options, text) => {
    expect(decodeTextPart(Buffer.from(bytes, "latin1"), options)).toBe(text);
  });

  test.each([
    [
      "message/delivery-status",
      "Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nStatus: 5.1.1",
      "Could not be delivered to a@x.example (5.1.1)",
    ],
    ["application/pkcs7-mime; smime-type=enveloped-data", "x", "[encrypted with S/MIME: the text is unreadable]"],
    ["application/pkcs7-signature", "x", "[S/MIME signature]"],
    ["application/pgp-encrypted", "Version: 1", "[encrypted with PGP: the text is unreadable]"],
    ["application/ms-tnef; name=winmail.dat", "x", "[Outlook's own format, not read]"],
  ])("of %s says what it is", (contentType, content, text) => {
    expect(decodeTextPart(Buffer.from(content), { contentType })).toBe(text);
  });

  test("of a calendar is one line: what, when, where, who", () => {
    const calendar = (...lines: readonly string[]) =>
      decodeTextPart(rawMail("BEGIN:VCALENDAR", ...lines, "END:VEVENT", "END:VCALENDAR"), { contentType: "text/calendar" });
    expect(calendar("BEGIN:VEVENT", "SUMMARY:Lunch", "DTSTART;VALUE=DATE:20261203")).toBe("Event: Lunch, 2026-12-03");
    expect(calendar("METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Call", "DTSTART:20261203T230000Z", "DTEND:20261204T003000Z")).toBe(
      "Invitation: Call, 2026-12-03 23:00 to 2026-12-04 00:30 (UTC)",
    );
    expect(calendar("METHOD:REPLY", "BEGIN:VEVENT", "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.org", "SUMMARY:Call")).toBe(
      "ben@example.org declined: Call",
    );
    const guests = Array.from({ length: 12 }, (_, index) => `ATTENDEE;CN=P${index}:mailto:p@example.org`);
    expect(calendar("BEGIN:VEVENT", "SUMMARY:Party", ...guests)).toBe(
      "Event: Party; with P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, 2 more",
    );
  });
});
