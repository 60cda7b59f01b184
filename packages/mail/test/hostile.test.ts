import { describe, expect, test } from "vitest";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import {
  counterparty,
  automaticHeader,
  mailingListHeader,
  type Mail,
  mailEpisode,
  mailLimits,
  messageKey,
  parseAddresses,
  parseParameters,
  readHeaders,
  readMail,
  readSubject,
  threadOf,
  trimReply,
  verifiedSender,
} from "../src/index.ts";
import { corpus } from "./fixtures/corpus/index.ts";

/** All that a connector does with a mail works, and its episode is one that can be delivered. */
function expectUsable(mail: Mail): void {
  const { headers } = mail;
  threadOf(headers);
  automaticHeader(headers);
  mailingListHeader(headers);
  verifiedSender(headers, "mx.example.com");
  counterparty(mail, ["ben@example.org"]);
  messageKey("ben@example.org", headers, mail.text);
  const episode = mailEpisode(mail, {
    connector: "imap",
    account: "ben@example.org",
    occurredAt: "2026-11-30T20:38:00.000Z",
    source: { type: "imap.message", id: "1" },
    authservId: "mx.example.com",
  });
  expect(episode.subject).toMatch(/^[A-Za-z0-9_.:-]{1,256}$/);
  expect(Buffer.byteLength(episode.text)).toBeLessThanOrEqual(16 * 1024);
  expect(episode.text).toBe(episode.text.toWellFormed());
  expect(episode.text.indexOf("\n")).toBeLessThanOrEqual(200);
  // What leaves the process is JSON that Postgres can store.
  expect(JSON.stringify(episode)).not.toContain("\\u0000");
}

describe("a mutated mail never throws", () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 20);
  const mails = [...corpus.values()].filter((raw) => raw.length < 64 * 1024);

  test(`in ${rounds} rounds over the corpus, TEST_SEED=${seed}`, () => {
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const pick = () => mails[below(mails.length)] ?? new Uint8Array();
    const pieces = [
      "\r\n",
      "\n\n",
      "\r",
      "\0",
      "--",
      "=?utf-8?Q?",
      "?=",
      "<",
      ">",
      '"',
      "(",
      ";",
      ":",
      "=",
      "\xff",
      "\u00e4",
      "\t",
    ];
    for (let round = 0; round < rounds * mails.length; round += 1) {
      let raw = Buffer.from(pick());
      for (let count = below(6); count >= 0; count -= 1) {
        const [from, to] = [below(raw.length + 1), below(raw.length + 1)].toSorted((a, b) => a - b);
        const middle = [
          () => Buffer.from(pieces[below(pieces.length)] ?? "", "latin1"),
          () => Buffer.alloc(0),
          () => Buffer.concat([raw.subarray(from, to), raw.subarray(from, to)]),
          () => Buffer.from(pick()).subarray(0, 200),
          () => raw.subarray(from, to).map(() => below(256)),
        ][below(5)];
        raw = Buffer.concat([raw.subarray(0, from), middle?.() ?? Buffer.alloc(0), raw.subarray(to)]).subarray(0, 64 * 1024);
      }
      try {
        expectUsable(readMail(raw));
      } catch (error) {
        throw new Error(`TEST_SEED=${seed}, round ${round}: ${JSON.stringify(raw.toString("latin1").slice(0, 2000))}`, {
          cause: error,
        });
      }
    }
  });
});

/** Quadratic code would take minutes for most of these. */
describe("half a megabyte of hostile text is read in linear time", () => {
  const fill = (piece: string, bytes = 512 * 1024) => piece.repeat(Math.ceil(bytes / piece.length));

  test.each([
    ["open brackets", "<"],
    ["open comments", "("],
    ["quotation marks", '"'],
    ["escaped quotation marks", '\\"'],
    ["at signs", "@"],
    ["addresses", "a@b.example,"],
    ["addresses with open brackets", "a <a@b.example"],
    ["commas", ","],
    ["groups", "a:"],
    ["beginnings of encoded words", "=?utf-8?Q?a"],
    ["encoded words", "=?utf-8?Q?=C3=A4?= "],
    ["encoded words of half characters", "=?utf-8?Q?=C3?= "],
    ["ends of encoded words", "?="],
    ["parameters", ";a=b"],
    ["sections of parameters", ";a*1*=%C3"],
    ["equals signs", "="],
    ["white space", " "],
    ["folds", "\r\n a"],
  ])("in headers: %s", (_, piece) => {
    const value = fill(piece);
    const names = [
      "From",
      "To",
      "Subject",
      "Content-Type",
      "References",
      "Authentication-Results",
      "Date",
      "List-Id",
      "Message-ID",
    ];
    for (const name of names) expectUsable(readMail(Buffer.from(`${name}: ${value}\r\n\r\nwords`)));
    const all = names.map((name) => `${name}: ${value}\r\n`).join("");
    expect(readHeaders(Buffer.from(all)).all.length).toBeGreaterThan(0);
    parseAddresses(value);
    parseParameters(value);
    readSubject(value);
  });

  test.each([
    ["quotes", "> a\n"],
    ["quotes and answers", "> a\nb\n"],
    ["deep quotes", ">"],
    ["beginnings of attributions", "On Monday, 1\n"],
    ["attributions", "On 1 Monday, Ann wrote:\n"],
    ["beginnings of attributions on one line", "on 1 "],
    ["headers of Outlook", "From: a\n"],
    ["long lines", "________________________________\n"],
    ["marks of signatures", "-- \n"],
    ["marks of forwards", "-----\n"],
    ["dashes", "-"],
    ["empty lines", "\n"],
    ["white space", " "],
    ["lines that end with white space", "a   \n"],
    ["colons", "a:\n"],
    ["armor of PGP", "-----BEGIN PGP MESSAGE-----\n"],
  ])("in texts: %s", (_, piece) => {
    // Of longer texts an episode reads no more.
    const text = fill(piece, 256 * 1024);
    trimReply(text);
    trimReply(text, { isForward: true });
    for (const type of ["text/plain; format=flowed", "text/html", "text/calendar"])
      readMail(Buffer.from(`Content-Type: ${type}\r\n\r\n${text}`));
    expectUsable(readMail(Buffer.from(`Content-Type: text/plain\r\n\r\n${text}`)));
  });

  test.each([
    ["boundaries", "multipart/mixed; boundary=b", "--b\r\n"],
    ["boundaries that are none", "multipart/mixed; boundary=b", "--bb\r\n"],
    ["boundaries on one line", "multipart/mixed; boundary=b", "--b"],
    ["dashes", "multipart/mixed; boundary=-", "-"],
    ["boundaries of dashes", `multipart/mixed; boundary=${"-".repeat(70)}`, "-"],
    ["multiparts within multiparts", "multipart/mixed; boundary=b", "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"],
    ["mails within mails", "message/rfc822", "Content-Type: message/rfc822\r\n\r\n"],
    [
      "delivery reports",
      "multipart/report; boundary=b",
      "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: a\r\n",
    ],
    ["groups of a delivery report", "message/delivery-status", "Final-Recipient: a\r\n\r\n"],
    ["calendars", "text/calendar", "BEGIN:VEVENT\r\nATTENDEE;CN=a:b\r\n"],
    ["quoted-printable", "text/plain\r\nContent-Transfer-Encoding: quoted-printable", "= "],
    ["base64", "text/plain\r\nContent-Transfer-Encoding: base64", "A="],
    ["utf-7", "text/plain; charset=utf-7", "+"],
  ])("in bodies: %s", (_, type, piece) => {
    expectUsable(readMail(Buffer.from(`Content-Type: ${type}\r\n\r\n${fill(piece)}`)));
  });

  test("in headers: as many as there is room for", () => {
    const { headers } = readMail(Buffer.from(fill("a:b\r\n")));
    expect(headers.all).toHaveLength(mailLimits.maxHeaders);
  });
});

describe("what lies beyond the limits is left out", () => {
  test("of parts", () => {
    const parts = Array.from(
      { length: 50 },
      (_, index) => `--b\r\nContent-Type: application/pdf; name=${index}.pdf\r\n\r\nx\r\n`,
    );
    const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join("")}--b--`);
    expect(readMail(raw, { maxParts: 11 }).attachments).toHaveLength(10);
  });

  test("of bytes", () => {
    expect(readMail(Buffer.from("Subject: a\r\n\r\nwords that are cut"), { maxBytes: 19 }).text).toBe("words");
    expect(readMail(Buffer.from("Subject: a\r\n\r\nwords that are cut"), { maxTextBytes: 5 }).text).toBe("words");
  });
});
