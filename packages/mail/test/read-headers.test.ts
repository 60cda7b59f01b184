import { describe, expect, test } from "vitest";
import { mailHeaders, parseAddresses, parseParameters, readHeaders, threadOf } from "../src/index.ts";
import { headersOf, rawMail } from "./raw-mail.ts";

describe("a header", () => {
  test("is unfolded, and stands as it is beside its decoded value", () => {
    const headers = headersOf("Subject: =?utf-8?Q?Caf=C3=A9?=", "\t=?utf-8?Q?_au_lait?= now");
    expect(headers.get("subject")).toBe("Café au lait now");
    expect(headers.raw("subject")).toEqual(["=?utf-8?Q?Caf=C3=A9?=\t=?utf-8?Q?_au_lait?= now"]);
  });

  test("that is repeated is kept each time, topmost first", () => {
    const headers = headersOf("Received: by b", "From: Ann <ann@example.com>", "Received: by a");
    expect(headers.raw("received")).toEqual(["by b", "by a"]);
    expect(headers.all.map(({ name }) => name)).toEqual(["received", "from", "received"]);
    expect(headers.get("received")).toBe("by b");
    expect(headersOf("X-A: =?utf-8?Q?=C3=A4?=", "X-A: b").values("x-a")).toEqual(["ä", "b"]);
  });

  test("with bytes above ASCII is UTF-8, and otherwise Windows-1252", () => {
    expect(readHeaders(Buffer.from("Subject: Größe – gut\n\n")).get("subject")).toBe("Größe – gut");
    expect(headersOf("Subject: Gr\xf6\xdfe \x96 gut \x80").get("subject")).toBe("Größe – gut €");
  });

  test("may have white space in front of its colon", () => {
    expect(headersOf("Subject : hello").get("subject")).toBe("hello");
  });

  test("with a bare carriage return is one header", () => {
    const headers = headersOf("Subject: a\rFrom: forged@example.com");
    expect(headers.all).toHaveLength(1);
    expect(headers.get("subject")).toBe("a From: forged@example.com");
  });

  test("behind a line that is none belongs to the body", () => {
    expect(headersOf("Subject: a", "no header", "From: b@example.com").raw("from")).toEqual([]);
  });

  test("is left out beyond the limit of headers, and cut beyond that of bytes", () => {
    const many = readHeaders(rawMail(...Array.from({ length: 50 }, (_, index) => `X-${index}: a`), ""), { maxHeaders: 10 });
    expect(many.all).toHaveLength(10);
    const long = readHeaders(rawMail(`Subject: ${"a".repeat(5000)}`, ""), { maxHeaderBytes: 100 });
    expect(long.get("subject")).toHaveLength(99);
  });

  test("of a provider's list reads like one of a mail", () => {
    const headers = mailHeaders([{ name: "Subject", value: "=?iso-8859-1?q?Gr=FC=DFe?=" }]);
    expect(headers.get("subject")).toBe("Grüße");
  });
});

describe("an encoded word", () => {
  test.each([
    ["with spaces inside", "=?utf-8?Q?hello world?=", "hello world"],
    ["without a space behind it", "=?utf-8?Q?a?==?utf-8?Q?b?=c", "abc"],
    ["with half a character, which the next one has", "=?utf-8?B?w6TD?= =?utf-8?B?tg==?=", "äö"],
    ["with half a character in Q", "=?utf-8?Q?caf=C3?=\r\n =?utf-8?Q?=A9?=", "café"],
    ["of a charset with states, twice", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?=", "日本語"],
    ["with a language", "=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["that does not end is text", "=?utf-8?B?SGVsbG8", "=?utf-8?B?SGVsbG8"],
    ["of an unknown encoding is text", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="],
    ["of an unknown charset", "=?x-unknown?Q?caf=E9?=", "café"],
    ["of Windows-1252", "=?windows-1252?Q?=93quoted=94_=80?=", "“quoted” €"],
    ["declared as UTF-8 and written in Latin-1", "=?utf-8?Q?Gr=FC=DFe?=", "Grüße"],
    ["with a broken escape", "=?utf-8?Q?100=_of=ZZ?=", "100= of=ZZ"],
    ["that holds line breaks is on one line", "=?utf-8?Q?a=0D=0Ab?=", "a b"],
  ])("%s", (_, raw, decoded) => {
    expect(headersOf(`Subject: ${raw}`).get("subject")).toBe(decoded);
  });
});

describe("an address list", () => {
  test.each([
    [
      "a name and an address",
      'Ann Lee <ann@example.com>, "Ode, Ben" <ben@example.com>',
      ["Ann Lee|ann@example.com", "Ode, Ben|ben@example.com"],
    ],
    ["a group", "Team: ann@example.com, Ben <ben@example.com>;", ["|ann@example.com", "Ben|ben@example.com"]],
    ["an empty group", "undisclosed-recipients:;", []],
    ["a name in Windows-1252", "=?windows-1252?Q?O=92Neill?= <on@example.com>", ["O’Neill|on@example.com"]],
    ["an escaped bracket in a comment", "Pete (a \\) chap) <pete(his)@silly.example>", ["Pete|pete@silly.example"]],
    ["comments within comments", "Ann (the (real) one) <ann@example.com>", ["Ann|ann@example.com"]],
    ["a name with a comma in an encoded word", "=?utf-8?Q?Lee=2C_Ann?= <ann@example.com>", ["Lee, Ann|ann@example.com"]],
    ["an address in quotation marks is a name", '"ceo@example.com" <x@example.net>', ["ceo@example.com|x@example.net"]],
    ["semicolons", "ann@example.com; ben@example.com", ["|ann@example.com", "|ben@example.com"]],
  ])("%s", (_, raw, expected) => {
    expect(parseAddresses(raw).map(({ name, address }) => `${name}|${address}`)).toEqual(expected);
  });
});

test("a very long address list ends with a whole address", () => {
  const addresses = parseAddresses(Array.from({ length: 9000 }, (_, index) => `p${index}@example.org`).join(", "));
  expect(addresses.length).toBeGreaterThan(3000);
  expect(addresses.every(({ address }) => address.endsWith("@example.org"))).toBe(true);
});

describe("a parameter", () => {
  test.each([
    ["in quotation marks", 'attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'],
    ["without them", "attachment; filename=C:\\a.pdf", "C:\\a.pdf"],
    ["in sections", 'attachment; filename*0="long "; filename*1=name.pdf', "long name.pdf"],
    ["in a charset", "attachment; filename*=iso-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf"],
    ["in sections of a charset", "attachment; filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe.pdf", "Grüße.pdf"],
    ["in both forms", "attachment; filename=\"Gr??e.pdf\"; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"],
    ["as an encoded word", 'attachment; filename="=?utf-8?B?R3LDvMOfZS5wZGY=?="', "Grüße.pdf"],
    ["with a comment", "attachment (a file); filename=a.pdf (the name)", "a.pdf"],
    ["twice", "attachment; filename=a.pdf; filename=b.pdf", "a.pdf"],
    ["behind one without a value", "attachment; x; filename=a.pdf", "a.pdf"],
  ])("%s", (_, raw, name) => {
    expect(parseParameters(raw)).toMatchObject({ value: "attachment", parameters: { filename: name } });
  });
});

describe("the thread of a mail", () => {
  test("is the first reference, else what it replies to, else itself", () => {
    const own = "Message-ID: <c@x>";
    const reply = "In-Reply-To: <b@x>";
    expect(threadOf(headersOf(own, reply, "References: <a@x> <b@x>"))).toBe("<a@x>");
    expect(threadOf(headersOf(own, reply))).toBe("<b@x>");
    expect(threadOf(headersOf(own))).toBe("<c@x>");
    expect(threadOf(headersOf("Message-ID: c@x"))).toBe("<c@x>");
    expect(threadOf(headersOf("Subject: a"))).toBeUndefined();
  });

  test("is read from a fold inside of an id, and not from words", () => {
    expect(threadOf(headersOf("References: Ann's mail of Monday", " <a", " @x>"))).toBe("<a@x>");
  });
});
