import { describe, expect, test } from "vitest";
import { canonicalAddress, readMail } from "../src/index.ts";
import { rawMail } from "./raw-mail.ts";

test.each([
  ["Mon, 30 Nov 2026 20:38:00 +0100", "2026-11-30T19:38:00.000Z"],
  ["30 Nov 2026 20:38 -0530", "2026-12-01T02:08:00.000Z"],
  ["Mon, 30 Nov 2026 20:38:00 GMT", "2026-11-30T20:38:00.000Z"],
  ["Mon, 30 Nov 2026 20:38:00 EST (Eastern)", "2026-12-01T01:38:00.000Z"],
  ["Mon,  3 Dec 98 20:38:60 +0000", "1998-12-03T20:38:59.000Z"],
  ["Monday, 30 November 2026 20:38:00", "2026-11-30T20:38:00.000Z"],
  ["Mon, 30 Nov 126 20:38:00 +0000", "2026-11-30T20:38:00.000Z"],
  ["Mon, 99 Nov 2026 20:38:00 +0000", undefined],
  ["Mon, 30 Foo 2026 20:38:00 +0000", undefined],
  ["yesterday", undefined],
])("the date %s is %s", (raw, iso) => {
  expect(readMail(rawMail(`Date: ${raw}`, "", "")).date).toBe(iso);
});

test("ids are read with their brackets, the first and the last ones of a long thread", () => {
  const ids = Array.from({ length: 500 }, (_, index) => `<${index}@example.com>`);
  const { messageId, inReplyTo, references } = readMail(
    rawMail(
      "Message-ID:",
      " <a@example.com>",
      "In-Reply-To: Ann's mail <499@example.com>",
      `References: ${ids.join("\r\n ")}`,
      "",
      "",
    ),
  );
  expect([messageId, inReplyTo, references.length]).toEqual(["<a@example.com>", "<499@example.com>", 100]);
  expect([references[0], references.at(-1)]).toEqual(["<0@example.com>", "<499@example.com>"]);
});

test("an S/MIME body without a type is what its first bytes say", () => {
  const body = (oid: string) => Buffer.from(`3080${oid}a080`, "hex").toString("base64");
  const read = (oid: string) =>
    readMail(rawMail("Content-Type: application/pkcs7-mime; name=smime.p7m", "Content-Transfer-Encoding: base64", "", body(oid)))
      .text;
  expect(read("06092a864886f70d010702")).toContain("signed with S/MIME");
  expect(read("06092a864886f70d010703")).toContain("encrypted with S/MIME");
});

test("an alternative for programs is neither a text nor a file", () => {
  const { text, attachments } = readMail(
    rawMail(
      "Content-Type: multipart/alternative; boundary=a",
      "",
      "--a",
      "",
      "The words.",
      "--a",
      "Content-Type: text/x-amp-html",
      "",
      "<html amp4email></html>",
      "--a--",
    ),
  );
  expect([text, attachments]).toEqual(["The words.", []]);
});

test.each([
  ["ann@example.com", [["", "ann@example.com"]]],
  [
    "Ann Lee <ann@example.com>, ben@example.com,Cy <cy+x@example.com>",
    [
      ["Ann Lee", "ann@example.com"],
      ["", "ben@example.com"],
      ["Cy", "cy+x@example.com"],
    ],
  ],
  [
    '"Lee, Ann" <ann@example.com>, ben@example.com',
    [
      ["Lee, Ann", "ann@example.com"],
      ["", "ben@example.com"],
    ],
  ],
  [
    "Lee, Ann <ann@example.com>",
    [
      ["Lee", ""],
      ["Ann", "ann@example.com"],
    ],
  ],
  ["ann@example.com,", [["", "ann@example.com"]]],
])("the list %s is read whole, with plain addresses or others", (list, expected) => {
  const { to } = readMail(rawMail(`To: ${list}`, "", ""));
  expect(to.map(({ name, address }) => [name, address])).toEqual(expected);
});

describe("the one spelling of an address", () => {
  test.each([
    ["Ann+Lists@B\u00fccher.example", "ann@xn--bcher-kva.example"],
    ["ann@EXAMPLE.com.", "ann@example.com"],
    ["a.n.n@googlemail.com", "ann@gmail.com"],
    ["department/ann@example.com", "department/ann@example.com"],
  ])("of %s is %s", (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });

  test.each(["example.com/.evil.example", "example.com?evil.example", "example%2ecom", "example.com:25", "example.com\\evil"])(
    "is none where its domain is one of a URL: %s",
    (domain) => {
      expect(canonicalAddress(`ann@${domain}`)).toBeUndefined();
    },
  );
});
