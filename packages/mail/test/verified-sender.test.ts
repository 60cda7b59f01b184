import { describe, expect, test } from "vitest";
import { authservIds, automaticHeader, mailingListHeader, verifiedSender } from "../src/index.ts";
import { headersOf } from "./raw-mail.ts";

const from = "From: Ann Lee <ann@example.com>";

function verifiedBy(...lines: readonly string[]) {
  return verifiedSender(headersOf(...lines), "mx.example.net")?.verifiedBy;
}

describe("a sender is verified", () => {
  test.each([
    ["by DMARC", "mx.example.net; dmarc=pass (p=REJECT) header.from=example.com", "dmarc"],
    ["by DKIM of the same domain", "mx.example.net; dkim=pass header.i=@example.com header.s=s1", "dkim"],
    ["by the second of two signatures", "mx.example.net; dkim=fail header.d=example.com; dkim=pass header.d=example.com", "dkim"],
    ["by SPF", "mx.example.net; spf=pass (mx.example.net: ok) smtp.mailfrom=bounce@example.com", "spf"],
    ["by SPF with a quoted local part", 'mx.example.net; spf=pass smtp.mailfrom="b;c"@example.com', "spf"],
    ["with a version", "mx.example.net 1; dmarc=pass header.from=example.com", "dmarc"],
    ["with a version of the method", "mx.example.net; dmarc/1=pass header.from=example.com", "dmarc"],
    ["with comments, spaces and capitals", 'MX.Example.NET (a (b) c) ; DMARC = Pass (why) header.from = "EXAMPLE.com"', "dmarc"],
    ["with an id in quotation marks", '"mx.example.net"; dmarc=pass header.from=example.com', "dmarc"],
    [
      "by DKIM where there is no policy",
      "mx.example.net; dmarc=none header.from=example.com; dkim=pass header.d=example.com",
      "dkim",
    ],
  ])("%s", (_, results, expected) => {
    expect(verifiedBy(`Authentication-Results: ${results}`, from)).toBe(expected);
  });

  test.each([
    [
      "Gmail",
      "mx.example.net; dkim=pass header.i=@example.com header.s=20251104 header.b=aB/c+d==; spf=pass (example.net: domain of" +
        " ann@example.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=ann@example.com; dmarc=pass (p=NONE sp=NONE dis=NONE)" +
        " header.from=example.com; dara=pass header.i=@example.org",
    ],
    [
      "Fastmail",
      "mx.example.net; arc=none (no signatures found); dkim=pass (2048-bit rsa key sha256) header.d=example.com header.i=@example.com" +
        " header.b=uFQ header.a=rsa-sha256 header.s=fm1 x-bits=2048; dmarc=pass policy.published-domain-policy=none" +
        ' policy.evaluated-disposition=none (p=none) policy.policy-from=p header.from=example.com; spf=pass smtp.mailfrom="a=b@example.com"',
    ],
    [
      "Yahoo",
      "mx.example.net; dkim=pass header.i=@example.com header.s=20230601; spf=pass smtp.mailfrom=example.com;" +
        " dmarc=pass(p=REJECT) header.from=example.com;",
    ],
    [
      "rspamd",
      'mx.example.net; dkim=pass header.d=example.com header.s=s1 header.b="aB/c+d="; dmarc=pass (policy=quarantine)' +
        " header.from=example.com; spf=pass (mx.example.net: domain of ann@example.com designates 192.0.2.1 as permitted sender)" +
        " smtp.mailfrom=ann@example.com",
    ],
    [
      "OpenDKIM and OpenDMARC",
      "mx.example.net; dmarc=pass (p=none dis=none) header.from=example.com; dkim=pass (1024-bit key; unprotected)" +
        ' header.d=example.com header.i=@example.com header.a=rsa-sha256 header.s=mail header.b="aB/c+d=="; dkim-atps=neutral',
    ],
    [
      "Exim",
      "mx.example.net; iprev=pass (mail.example.com) smtp.remote-ip=192.0.2.1; spf=pass smtp.mailfrom=example.com;" +
        " dkim=pass header.d=example.com header.s=s1 header.a=rsa-sha256; dmarc=pass header.from=example.com; arc=none",
    ],
  ])("as %s writes it", (_, results) => {
    expect(verifiedBy(`Authentication-Results: ${results}`, from)).toBe("dmarc");
  });

  test("by results that are folded, also within a comment and a quotation", () => {
    const folded = ["mx.example.net;", "\tspf=fail (a", " comment, dmarc=fail)", ' smtp.mailfrom="a', ' b"@evil.example;'];
    expect(
      verifiedBy("Authentication-Results:", ...folded.map((line) => ` ${line}`), " dmarc=pass", " header.from=example.com", from),
    ).toBe("dmarc");
  });

  test("by a check of a domain above its own", () => {
    const results = "Authentication-Results: mx.example.net; dkim=pass header.d=example.com";
    expect(verifiedBy(results, "From: ann@mail.example.com")).toBe("dkim");
  });

  test("by the domain as it stands in DNS", () => {
    const results = "Authentication-Results: mx.example.net; dmarc=pass header.from=xn--bcher-kva.example";
    expect(verifiedBy(results, "From: ann@b\xfccher.example")).toBe("dmarc");
  });
});

describe("a sender is not verified", () => {
  const pass = "mx.example.net; dmarc=pass header.from=example.com";

  test.each([
    ["by another server", "mx.evil.example; dmarc=pass header.from=example.com"],
    ["by a server whose name begins alike", "mx.example.net.evil.example; dmarc=pass header.from=example.com"],
    ["when nothing was checked", "mx.example.net; none"],
    ["by DMARC of another domain", "mx.example.net; dmarc=pass header.from=evil.example"],
    ["by DMARC without a domain", "mx.example.net; dmarc=pass"],
    ["by DKIM of another domain", "mx.example.net; dkim=pass header.d=evil.example"],
    ["by DKIM of a domain below its own", "mx.example.net; dkim=pass header.d=evil.example.com"],
    ["by DKIM of a public suffix without a dot", "mx.example.net; dkim=pass header.d=com"],
    ["by SPF of a greeting", "mx.example.net; spf=pass smtp.helo=example.com"],
    [
      "when DMARC fails, whatever DKIM says",
      "mx.example.net; dmarc=fail header.from=example.com; dkim=pass header.d=example.com",
    ],
    ["by words in a comment", "mx.example.net; dmarc=fail (dmarc=pass header.from=example.com)"],
    ["by words in a quotation", 'mx.example.net; spf=fail smtp.mailfrom="; dmarc=pass header.from=example.com"'],
    ["by a reason", 'mx.example.net; dmarc=fail reason="x" reason="; dmarc=pass header.from=example.com"'],
    ["behind an unbalanced comment", `mx.example.net; spf=fail (a; dmarc=pass header.from=example.com`],
    ["behind an unbalanced quotation", `mx.example.net; spf=fail smtp.mailfrom="a; dmarc=pass header.from=example.com`],
    ["by an unknown version", "mx.example.net 2; dmarc=pass header.from=example.com"],
    ["by results without an id", "dmarc=pass header.from=example.com"],
    ["by a soft result", "mx.example.net; dmarc=bestguesspass header.from=example.com"],
    ["by an empty value", ""],
    ["by an address with an equals sign", "mx.example.net; spf=pass smtp.mailfrom=example.com=ann@evil.example"],
    ["by an address that looks like a property", "mx.example.net; dkim=pass header.i=header.d=example.com=@evil.example"],
    ["by a quoted address with an equals sign", 'mx.example.net; spf=pass smtp.mailfrom="example.com"=ann@evil.example'],
    ["by an address with a comment in it", "mx.example.net; spf=pass smtp.mailfrom=example.com(a)@evil.example"],
    ["by an address with a space in it", "mx.example.net; spf=pass smtp.mailfrom=example.com @evil.example"],
    ["when DMARC fails in words without a form", "mx.example.net; dmarc=fail what ever; dkim=pass header.d=example.com"],
    ["by words without a form", "mx.example.net; dmarc=pass whatever header.from=example.com"],
    ["by a server that leaves its name out", "dmarc=pass action=none header.from=example.com"],
    [
      "by the beginning of a domain that holds a comment",
      "mx.example.net; dkim=pass header.d=example.com(.evil.example header.s=x) header.b=a; dmarc=none header.from=example.com",
    ],
    ["by a domain with a comment behind it", "mx.example.net; dkim=pass header.d=example.com(.evil.example)"],
    ["by the host of what would be a URL", "mx.example.net; dkim=pass header.d=example.com/.evil.example"],
    ["by a domain that is escaped as in a URL", "mx.example.net; dkim=pass header.d=example%2ecom"],
    [
      "by an address that ends a comment about it",
      'mx.example.net; spf=pass (domain of "a); dkim=pass header.d=example.com; x=y (b"@evil.example permits it) smtp.mailfrom=b@evil.example',
    ],
    [
      "by an address behind the name of a key that begins a quotation",
      'mx.example.net; dkim=pass header.d=evil.example header.s="x; spf=pass smtp.mailfrom="; dkim=pass header.d=example.com; a="@evil.example',
    ],
    ["behind a word that is no result", "mx.example.net; what is this; dkim=pass header.d=example.com"],
    [
      "by a second result of DMARC, in the address of a bounce",
      "mx.example.net; dmarc=none header.from=example.com; spf=pass smtp.mailfrom=a; dmarc=pass header.from=example.com; b@evil.example",
    ],
    [
      "in front of so many results that a failure may not be seen",
      `mx.example.net; dkim=pass header.d=example.com; ${"dkim=fail header.d=evil.example; ".repeat(120)}dmarc=fail`,
    ],
  ])("%s", (_, results) => {
    expect(verifiedBy(`Authentication-Results: ${results}`, from)).toBeUndefined();
  });

  test("by a header with the own id below the one that the server added", () => {
    const forged = `Authentication-Results: ${pass}`;
    expect(verifiedBy("Authentication-Results: mx.example.net; dmarc=fail", forged, from)).toBeUndefined();
    expect(verifiedBy("Authentication-Results: mx.example.net; none", forged, from)).toBeUndefined();
    expect(verifiedBy('Authentication-Results: "mx.example.net', forged, from)).toBeUndefined();
    expect(verifiedBy("Authentication-Results: other.example; none", forged, from)).toBe("dmarc");
  });

  test.each([
    ["in another case", `AUTHENTICATION-RESULTS: ${pass}`],
    ["with white space before the colon", `Authentication-Results : ${pass}`],
    ["for a relay", `ARC-Authentication-Results: i=1; ${pass}`],
    ["under another name", `X-Authentication-Results: ${pass}`],
  ])("by results that a sender wrote %s, below those of the server", (_, forged) => {
    const folded = ["Authentication-Results: (of", " the server)", "\tmx.example.net;", "\tdmarc=fail header.from=example.com"];
    expect(verifiedBy(...folded, forged, from)).toBeUndefined();
  });

  test("by the results of a relay alone", () => {
    expect(verifiedBy(`ARC-Authentication-Results: i=1; ${pass}`, from)).toBeUndefined();
  });

  test("by a server whose name holds another letter that becomes the same one in lower case", () => {
    const kelvin = "m\xe2\x84\xaa.example.net";
    const results = (server: string) => headersOf(`Authentication-Results: ${server}; dmarc=pass header.from=example.com`, from);
    expect(verifiedSender(results("MK.example.net"), "mk.example.net")).toEqual({ verifiedBy: "dmarc" });
    expect(verifiedSender(results(kelvin), "mk.example.net")).toBeUndefined();
  });

  test.each([
    ["with two addresses", "From: ann@example.com, eve@evil.example"],
    ["with two addresses in brackets", "From: <ann@example.com> <eve@evil.example>"],
    ["without an address", "From: Ann Lee"],
    ["with an empty header", "From:"],
    ["with another address as its name", 'From: "eve@evil.example" <ann@example.com>'],
    ["with another address within its name", "From: Eve (eve@evil.example) <ann@example.com>"],
    ["with an encoded address as its name", "From: =?utf-8?Q?eve=40evil.example?= <ann@example.com>"],
    ["with an address in full width as its name", "From: =?utf-8?B?ZXZl77ygZXZpbC5leGFtcGxl?= <ann@example.com>"],
    ["with brackets in its name", "From: =?utf-8?Q?Ann_=3Cann=40example.com=3E?= <ann@example.com>"],
    ["with a character that turns its direction", "From: =?utf-8?Q?Ann_=E2=80=AE?= <ann@example.com>"],
    ["with two at signs", "From: <eve@evil.example@example.com>"],
    ["with a group", "From: Team: ann@example.com, eve@evil.example;"],
  ])("%s", (_, sender) => {
    expect(verifiedBy(`Authentication-Results: ${pass}`, sender)).toBeUndefined();
  });

  test("without From, or with two", () => {
    expect(verifiedBy(`Authentication-Results: ${pass}`)).toBeUndefined();
    expect(verifiedBy(`Authentication-Results: ${pass}`, from, from)).toBeUndefined();
    expect(verifiedBy(`Authentication-Results: ${pass}`, from, "From : eve@evil.example")).toBeUndefined();
  });

  test("without a configured server", () => {
    expect(verifiedSender(headersOf(`Authentication-Results: ${pass}`, from), " ")).toBeUndefined();
  });
});

test("a name with an at sign that is no address is no other address", () => {
  const results = "Authentication-Results: mx.example.net; dmarc=pass header.from=example.com";
  expect(verifiedBy(results, 'From: "Ann @ Example" <ann@example.com>')).toBe("dmarc");
  expect(verifiedBy(results, 'From: "ann@example.com" <ann@example.com>')).toBe("dmarc");
});

test("the servers of the results are listed, topmost first", () => {
  const headers = headersOf("Authentication-Results: MX.example.net; none", "Authentication-Results: other.example; none");
  expect(authservIds(headers)).toEqual(["mx.example.net", "other.example"]);
});

describe("a mail is automatic", () => {
  test.each([
    ["Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: auto-replied"],
    ["Auto-Submitted: auto-generated; owner-email=x", "Auto-Submitted: auto-generated"],
    ["Precedence: BULK", "Precedence: bulk"],
    ["Precedence: junk", "Precedence: junk"],
    ["Precedence: auto_reply", "Precedence: auto_reply"],
    ["X-Auto-Response-Suppress: OOF, DR", "X-Auto-Response-Suppress: oof, dr"],
    ["Return-Path: < >", "Return-Path: <>"],
    ["Content-Type: multipart/report; report-type=delivery-status", "Content-Type: multipart/report"],
    ["X-Failed-Recipients: nobody@example.org", "X-Failed-Recipients"],
    ["X-Autoreply: yes", "X-Autoreply"],
    ["X-Autorespond: Out of office", "X-Autorespond"],
    ["AUTO-SUBMITTED:\r\n (an (absence) note)\r\n\tAuto-Replied", "Auto-Submitted: auto-replied"],
    ["Auto-Submitted: no\r\nAuto-Submitted: auto-generated", "Auto-Submitted: auto-generated"],
    ["Precedence: first-class\r\nPrecedence: bulk (really)", "Precedence: bulk"],
  ])("by %s", (line, reason) => {
    expect(automaticHeader(headersOf(line))).toBe(reason);
  });

  test.each([
    "Auto-Submitted: no",
    "Auto-Submitted: No (really)",
    "Precedence: list",
    "Return-Path: <a@b.example>",
    "X-Auto-Response-Suppress: none",
    "Auto-Submitted: (auto-replied)",
    "Auto-Submitted:",
    "X-Autoreply: no",
    "X-Failed-Recipients:",
    "Subject: Auto-Submitted: auto-replied",
    "Received: by a\r\nReturn-Path: <a@b.example>\r\nReturn-Path: <>",
  ])("not by %s", (line) => {
    expect(automaticHeader(headersOf(line))).toBeUndefined();
  });
});

describe("a mail is from a mailing list", () => {
  test.each([
    ["List-Id: Dev <dev.example.com>", "List-Id"],
    ["List-Post: <mailto:dev@example.com>", "List-Post"],
    ["Precedence: list", "Precedence: list"],
    ["LIST-ID:\r\n\t(a list)\r\n <dev.example.com>", "List-Id"],
    ["List-Id:\r\nList-Id: <dev.example.com>", "List-Id"],
    ["Precedence: normal\r\nPrecedence: List", "Precedence: list"],
  ])("by %s", (line, reason) => {
    expect(mailingListHeader(headersOf(line))).toBe(reason);
  });

  test.each(["Precedence: bulk", "List-Id:", "List-Post: \r\n\t", "Precedence: (list)"])("not by %s", (line) => {
    expect(mailingListHeader(headersOf(line))).toBeUndefined();
  });
});
