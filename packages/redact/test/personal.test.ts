import { getExample, getSupportedRegionCodes } from "awesome-phonenumber";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { beforeAll, describe, expect, it } from "vitest";
import { openRedactor, type Redactor } from "../src/index.ts";
import { issuers } from "../src/personal/card-issuers.ts";
import { isLuhn } from "../src/personal/match-card.ts";

let redactor: Redactor;
beforeAll(async () => {
  redactor = await openRedactor({ builtIn: ["email", "phone", "card"] });
});

const expectHidden = (text: string, hidden: string, rule: string) =>
  expect(redactor.redact(text)).toBe(text.replace(hidden, `[redacted: ${rule}]`));

describe("the rule email", () => {
  it.each([
    "bob@example.com",
    "bob.smith+tag@mail.acme.co.uk",
    "o'brien@acme.ie",
    "12345+bob@users.noreply.github.com",
    "bob@163.com",
    "bob%40acme.example",
    "jörg@müller.de",
    "почта@пример.рф",
    "用户@例え.jp",
    "bob@xn--mller-kva.de",
    "ＢＯＢ＠ａｃｍｅ．ｃｏｍ",
    "bo\u200bb@ac\u00adme.com",
  ])("finds %s", (address) => {
    expectHidden(`write to ${address}, please`, address, "email");
    expectHidden(`<${address}>`, address, "email");
  });

  it("leaves the text around an address in a script without spaces", () => {
    expect(redactor.redact("请联系bob@acme.cn谢谢")).toBe("请联系[redacted: email]谢谢");
  });

  it.each([
    "git@github.com:acme/widgets.git",
    "ssh://git@github.com/acme/widgets",
    "https://alice@git.acme.example/widgets",
    "npm i @acme/widgets@1.2.3 lodash@4.17.21 tool@1.2.beta",
    "icon@2x.png",
    "actions/checkout@v4.1.0",
    "root@localhost",
    "@app.route and @alice",
    "https://medium.com/@bob.smith",
    "see a @ b.com",
  ])("passes over %s", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

describe("the rule phone", () => {
  it("finds the example number of 95 of 100 countries, as it is written internationally", () => {
    const missed: string[] = [];
    const regions = getSupportedRegionCodes();
    for (const region of regions) {
      const { number } = getExample(region);
      if (number === undefined) continue;
      const text = `call ${number.international} today, or ${number.e164}.`;
      if (redactor.redact(text) !== "call [redacted: phone] today, or [redacted: phone].")
        missed.push(`${region} ${number.international}`);
    }
    expect(regions.length).toBeGreaterThan(200);
    expect(missed.length / regions.length, `missed: ${missed.join(", ")}`).toBeLessThan(0.05);
  });

  it.each([
    "+49 170 1234567",
    "+49 (0)30 12345678",
    "+49 (0) 30 / 123 45 67",
    "+49 30 - 1234567",
    "+1 (212) 555-0142",
    "+44.20.7946.0018",
    "0049 170 1234567",
    "(212) 555-0142",
    "212-555-0142",
    "1-212-555-0142",
    "+49\u00a0170\u00a01234567",
    "+49\u2011170\u20111234567",
    "+４９ １７０ １２３４５６７",
  ])("finds %s", (number) => {
    expectHidden(`call ${number}, please`, number, "phone");
  });

  it.each(["Tel.: 030 1234567", "phone 5550142", "Fax: 0171/4455667", '"mobile": "0170 1234567"'])(
    "finds the number of %s",
    (text) => {
      expect(redactor.redact(text)).toMatch(/\[redacted: phone\]"?$/);
    },
  );

  it.each([
    "2026-01-31 and 31.01.2026 and 01/31/2026",
    "2026-01-31T10:20:30+01:00",
    "version 1.2.3-rc.4, 10.0.19041.1234",
    "id 123e4567-e89b-12d3-a456-426614174000",
    "acme/widgets#212, 1764451200000, 1764451200",
    "$1,234,567.89 and 1.234.567,89 EUR and +12.5 %",
    "192.168.100.200:8080",
    "a+4912345678 = 3",
    "+1 234",
    "order 345678901234",
    "ISBN 978-3-16-148410-0",
    "Phone: 2026-01-31",
    "SHA 00441234567890",
  ])("passes over %s", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

describe("the rule card", () => {
  it("finds the numbers of every issuer, in one piece and in groups of four", () => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
    const random = seededRandom(seed);
    for (const { issuer, from, lengths } of issuers) {
      for (const length of lengths) {
        const number = makeCard(from, length, random);
        expect(redactor.redact(`paid with ${number}.`), `SEED=${seed}, ${issuer} ${number}`).toBe("paid with [redacted: card].");
        if (length !== 16) continue;
        for (const separator of [" ", "-", "\u00a0"]) {
          const grouped = number.replaceAll(/(\d{4})(?=\d)/g, `$1${separator}`);
          expect(redactor.redact(`paid with ${grouped} 12/27`), `SEED=${seed}, ${issuer} ${grouped}`).toBe(
            "paid with [redacted: card] 12/27",
          );
        }
      }
    }
  });

  it("finds American Express in its own groups, and full-width digits", () => {
    expect(redactor.redact("3782 822463 10005")).toBe("[redacted: card]");
    expect(redactor.redact("４１１１１１１１１１１１１１１１")).toBe("[redacted: card]");
  });

  it.each([
    "4111 1111 1111 1112",
    "1764451200000",
    "9999 9999 9999 9995",
    "0.4111111111111111",
    "41111111111111111111111",
    "id-4111111111111111x",
    "4,111,111,111,111,111",
  ])("passes over %s", (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});

function makeCard(from: string, length: number, random: () => number): string {
  let digits = from;
  while (digits.length < length - 1) digits += Math.floor(random() * 10);
  for (let check = 0; check < 10; check += 1) if (isLuhn(`${digits}${check}`)) return `${digits}${check}`;
  throw new Error("there is a check digit for every number");
}
