import { readFileSync } from "node:fs";
import { hasDovecot } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { makeMailWorld, messageIdOf, user } from "./mail-world.ts";

const mebibyte = 1024 * 1024;
const largeBytes = 50 * 1024 * 1024;
const mixed = ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"];

type MakeMail = (marker: string) => Uint8Array;

/** A mail of these headers and this text. Each character is one byte. */
function mailOf(marker: string, headers: readonly string[], ...text: readonly string[]): Uint8Array {
  const people = headers.some((line) => line.startsWith("From:")) ? [] : ["From: Bo <bo@example.org>", "To: Cy <cy@example.net>"];
  return Buffer.from([messageIdOf(marker), ...people, ...headers, "", ...text, ""].join("\r\n"), "latin1");
}

/** Base64 of so many bytes, in lines. */
function linesOf(bytes: number): string {
  return `${"A".repeat(76)}\r\n`.repeat(Math.ceil(bytes / 78));
}

const large: Readonly<Record<string, MakeMail>> = {
  "an attachment of 50 MB": (marker) => {
    const file = ["--b", "Content-Type: image/png; name=big.png", "Content-Transfer-Encoding: base64", "", linesOf(largeBytes)];
    return mailOf(marker, mixed, "--b", "", `See ${marker}.`, ...file, "--b--");
  },
  "an attachment of 50 MB in front of the text": (marker) => {
    const file = ["--b", "Content-Type: image/png; name=big.png", "Content-Transfer-Encoding: base64", "", linesOf(largeBytes)];
    return mailOf(marker, mixed, ...file, "--b", "", `See ${marker}.`, "--b--");
  },
  "a text of 50 MB in one line": (marker) => mailOf(marker, [], `${marker} ${"word ".repeat(largeBytes / 5)}`),
};

const odd: Readonly<Record<string, MakeMail>> = {
  "a multipart without its end": (marker) =>
    mailOf(marker, mixed, "--b", "Content-Type: text/plain", "", `It breaks off at ${marker}`),
  "a multipart without a boundary": (marker) => mailOf(marker, ["Content-Type: multipart/mixed"], `As agreed, ${marker}.`),
  "a multipart with another boundary": (marker) =>
    mailOf(marker, mixed, "--another-boundary", "", `As agreed, ${marker}.`, "--another-boundary--"),
  "a type that is none": (marker) => mailOf(marker, ["Content-Type: ;;=,"], `As agreed, ${marker}.`),
  "base64 that is none": (marker) =>
    mailOf(marker, ["Content-Transfer-Encoding: base64"], `As agreed, ${marker}: nothing is encoded.`),
  "quoted-printable with errors": (marker) =>
    mailOf(marker, ["Content-Transfer-Encoding: quoted-printable"], `=ZZ =4 ${marker} 100% =`),
  "a mail in a mail in a mail": (marker) => {
    const inner = ["Content-Type: message/rfc822", "", "Subject: inner", "", `See ${marker}.`];
    return mailOf(marker, ["MIME-Version: 1.0", "Content-Type: message/rfc822"], ...inner);
  },
  "headers in UTF-8": (marker) => {
    const headers = ["From: J\u00fcrgen <j@example.org>", "To: \u4f60\u597d <cy@example.net>", "Subject: Gr\u00fc\u00dfe"];
    return mailOf(
      marker,
      headers.map((line) => Buffer.from(line).toString("latin1")),
      `As agreed, ${marker}.`,
    );
  },
  "headers in Latin-1": (marker) =>
    mailOf(marker, ["From: J\xfcrgen <j@example.org>", "To: cy@example.net", "Subject: Gr\xfc\xdfe"], `As agreed, ${marker}.`),
  "headers of a megabyte": (marker) =>
    mailOf(
      marker,
      Array.from({ length: 10_000 }, (_, at) => `X-${at}: ${"x".repeat(90)}`),
      marker,
    ),
  "bare line feeds": (marker) => Buffer.from(`${messageIdOf(marker)}\nFrom: bo@example.org\nSubject: Bare\n\n${marker}\n`),
};

/** The most memory that a process ever had. */
function peakMebibytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

describe.skipIf(!hasDovecot())("a mailbox on a real IMAP server", () => {
  it("arrives whole and once with mails of 50 MB, broken MIME and 8-bit headers, and behind a connection that was dropped silently", async (test) => {
    const mails = await makeMailWorld(test, { schedule: "0 0 1 1 *", options: ['idle_renewal = "10s"'] });
    const { gate, world } = mails;
    const script = await mails.dovecot.connect(user);
    const runner = await world.workspace.run();
    await mails.fill(script, "INBOX", 3);
    await mails.arrived();

    await mails.append(script, "INBOX", Object.values(odd));
    await mails.arrived();
    const [peak, bytes] = [peakMebibytes(runner.pid), gate.bytes];
    for (const make of Object.values(large)) await mails.append(script, "INBOX", [make]);
    await mails.arrived();
    expect(gate.bytes - bytes, "of 150 MB the texts are fetched, each to its bound").toBeLessThan(mebibyte);
    // Mails that were read whole would take 150, and more as text.
    expect(peakMebibytes(runner.pid) - peak, "MiB for mails of 150 in total").toBeLessThan(100);

    // A run in which nothing is new: behind it only the connection that waits is open.
    await world.workspace.jsonLines("sync", "imap/box", "--json");
    gate.silence();
    await mails.fill(script, "INBOX", 2);
    await mails.arrived();
    expect(await mails.account()).toEqual(mails.whole);
  });
});
