import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { silentLogger, type LogFields } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { describeMailbox, episodesOf, mailOf, open, titlesOf } from "./mailbox.ts";

const mixed = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"'];

describeMailbox("odd mails", (mailboxes) => {
  const read = async (mails: readonly (string | Uint8Array)[], given = {}, entry = {}) => {
    const { script, options } = await mailboxes.newUser();
    await script.append(
      "INBOX",
      mails.map((mail) => ({ mail })),
    );
    const proxy = await startTcpProxy(`imap://127.0.0.1:${mailboxes.server.port}`);
    const { walk } = await open({ ...options, ...entry, port: Number(new URL(proxy.url).port) }, given);
    const pages = await walk();
    const commands = proxy.received().toString("latin1");
    await proxy.close();
    return { pages, commands };
  };

  test("of 50 MB cost no more than their text", async () => {
    const line = `${"A".repeat(76)}\r\n`;
    const attachment = ["--b", 'Content-Type: image/png; name="big.png"', "Content-Transfer-Encoding: base64", "", ""].join(
      "\r\n",
    );
    const text = ["--b", "Content-Type: text/plain", "", "See the picture.", ""].join("\r\n");
    const mail = mailOf({ id: "1@test", headers: mixed, text: `${text}\r\n${attachment}${line.repeat(50 * 13_444)}--b--` });
    expect(mail.length).toBeGreaterThan(50_000_000);
    const { pages, commands } = await read([mail]);
    expect(episodesOf(pages)[0]?.text).toContain("See the picture.");
    const fetched = commands.match(/BODY\.PEEK\[[^\]]*\](?:<[\d.]+>)?/g);
    expect(fetched).toEqual(["BODY.PEEK[HEADER]<0.65536>", "BODY.PEEK[1]<0.16384>"]);
  });

  test("with a text of 10 MB are read to a bound", async () => {
    const { pages, commands } = await read([mailOf({ id: "1@test", text: "word ".repeat(2_000_000) })]);
    expect(episodesOf(pages)[0]?.text.length).toBeGreaterThan(10_000);
    expect(commands).toContain("BODY.PEEK[1]<0.131072>");
  });

  test("with an answer below a quote of 40 kB are read whole", async () => {
    const quote = `${"> They said this and that, and more of it.\r\n".repeat(1_000)}\r\n`;
    const { pages, commands } = await read([mailOf({ id: "1@test", text: `${quote}I agree.` }), mailOf({ id: "2@test" })]);
    expect(episodesOf(pages)[0]?.text).toContain("I agree.");
    // The short one is not fetched again.
    expect(commands).toMatch(/ UID FETCH 1 \(UID BODY\.PEEK\[1\]<0\.131072>\)/);
  });

  test("of a mailing list are fetched no further than their first 16 kB, unless the entry keeps them", async () => {
    const mail = mailOf({ id: "1@test", headers: ["List-Id: <news.example.org>"], text: "news ".repeat(10_000) });
    const { pages, commands } = await read([mail]);
    expect(pages.map(({ skipped }) => skipped)).toContainEqual({ mailing_list: 1 });
    expect(commands.match(/ UID FETCH .*/g)).toHaveLength(1);
    const kept = await read([mail], {}, { mailing_lists: true });
    expect(episodesOf(kept.pages)).toHaveLength(1);
    expect(kept.commands.match(/ UID FETCH .*/g)).toHaveLength(2);
  });

  test("with headers of a megabyte are read to a bound, and keep their key", async () => {
    const headers = Array.from({ length: 10_000 }, (_, at) => `X-Trace-${at}: ${"x".repeat(90)}`);
    const mail = mailOf({ id: "1@test", headers });
    const first = episodesOf((await read([mail])).pages);
    const second = episodesOf((await read([mail])).pages);
    expect(first.length).toBe(1);
    expect(second[0]?.text).toEqual(first[0]?.text);
  });

  test("with broken MIME, 8-bit headers, bare line feeds or nothing at all are read as far as they go", async () => {
    const latin1 = Buffer.from(
      "From: Jörg <joerg@example.org>\r\nTo: ada@example.com\r\nSubject: Grüße\r\nMessage-ID: <3@test>\r\n\r\nhi\r\n",
      "latin1",
    );
    const { pages } = await read([
      mailOf({ id: "1@test", subject: "No end", headers: mixed, text: "--b\r\nContent-Type: text/plain\r\n\r\nIt breaks o" }),
      mailOf({ id: "2@test", subject: "No boundary", headers: ["Content-Type: multipart/mixed"], text: "--x\r\n\r\nhi" }),
      latin1,
      "From: bo@example.org\nSubject: Bare\n\nlines\n",
      "\r\n",
    ]);
    expect(titlesOf(pages)).toEqual(["No end", "No boundary", "Grüße", "Bare", undefined]);
    expect(episodesOf(pages)[0]?.text).toContain("It breaks o");
    expect(pages.flatMap(({ failures = [] }) => failures)).toEqual([]);
  });

  test.each([
    ["without a boundary", ["Content-Type: multipart/mixed"], ["As agreed."]],
    ["with another boundary", mixed, ["--another-boundary", "", "As agreed.", "--another-boundary--"]],
    ["with a boundary and no parts", mixed, ["As agreed."]],
    ["whose part is its own header", mixed, ["--b", "As agreed.", "--b--"]],
    ["of a type that is none", ["Content-Type: ;;=,"], ["As agreed."]],
    ["of a type without a subtype", ["Content-Type: text"], ["As agreed."]],
    ["of another mail without headers", ["Content-Type: message/rfc822"], ["As agreed."]],
  ])("%s have their words, though the server finds none", async (_, headers, lines) => {
    const { pages } = await read([mailOf({ id: "1@test", headers, text: lines.join("\r\n") })]);
    const [episode] = episodesOf(pages);
    expect(episode?.text).toContain("As agreed.");
    expect(episode?.text).not.toMatch(/boundary|Attached/);
  });

  test("within mails are read with their sender and subject", async () => {
    const inner = mailOf({ id: "inner@test", from: "Cy <cy@example.net>", subject: "The offer", text: "Ten percent off." });
    const parts = ["--b", "", "Look at this.", "--b", "Content-Type: message/rfc822", "", inner, "--b--"];
    const { pages, commands } = await read([
      mailOf({ id: "1@test", subject: "Fwd: The offer", headers: mixed, text: parts.join("\r\n") }),
    ]);
    const [episode] = episodesOf(pages);
    expect(episode?.text).toContain("Look at this.");
    expect(episode?.text).toContain("From: Cy <cy@example.net>");
    expect(episode?.text).toContain("Ten percent off.");
    expect(commands).toMatch(/BODY\.PEEK\[2\.HEADER\]/);
  });

  test.each([
    ["in base64", "message/rfc822", "base64", (mail: string) => Buffer.from(mail).toString("base64")],
    ["in quoted-printable", "message/rfc822", "quoted-printable", (mail: string) => mail.replaceAll("=", "=3D")],
    ["with headers in UTF-8", "message/global", "8bit", (mail: string) => mail],
  ])("within mails %s are read with their sender and subject, too", async (_, type, encoding, encode) => {
    const text = ["--c", "", "Ten percent off.", "--c", "Content-Type: application/pdf; name=offer.pdf", "", "JVBERi0=", "--c--"];
    const headers = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="c"'];
    const words = { from: "Cy <cy@example.net>", subject: "The offer", text: text.join("\r\n") };
    const inner = encode(mailOf({ id: "inner@test", headers, ...words }));
    const part = [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, "", inner];
    const parts = ["--b", "", "Look at this.", "--b", ...part, "--b--"];
    const { pages } = await read([mailOf({ id: "1@test", subject: "Fwd: The offer", headers: mixed, text: parts.join("\r\n") })]);
    const [episode] = episodesOf(pages);
    for (const said of ["Look at this.", "From: Cy <cy@example.net>", "Ten percent off.", "Attached: offer.pdf"])
      expect(episode?.text).toContain(said);
    expect(episode?.text).not.toContain("JVBERi0");
  });

  test("that are nothing but a mail, or a mail in a mail, are read with its text", async () => {
    const type = ["MIME-Version: 1.0", "Content-Type: message/rfc822"];
    const inner = mailOf({ id: "inner@test", from: "Cy <cy@example.net>", subject: "The offer", text: "Ten percent off." });
    const parts = ["--b", "", "Look at this.", "--b", "Content-Type: application/pdf", "", "JVBERi0=", "--b--"].join("\r\n");
    const { pages } = await read([
      mailOf({ id: "1@test", headers: type, text: inner }),
      mailOf({ id: "2@test", headers: type, text: mailOf({ id: "middle@test", headers: type, text: inner }) }),
      mailOf({ id: "3@test", headers: type, text: mailOf({ id: "many@test", headers: mixed, text: parts }) }),
    ]);
    expect(pages.flatMap(({ failures = [] }) => failures)).toEqual([]);
    const [one, two, many] = episodesOf(pages).map(({ text }) => text);
    expect(one).toContain("Ten percent off.");
    expect(two).toContain("Ten percent off.");
    expect(two).not.toContain("Content-Type");
    expect(many).toContain("Look at this.");
    expect(many).not.toContain("JVBERi0");
  });

  test("leave nothing of themselves in the log", async () => {
    const logged: unknown[] = [];
    const note = (message: string, fields?: LogFields) => void logged.push(message, fields);
    const logger = { ...silentLogger, info: note, warn: note, error: note };
    await read([mailOf({ id: "sentinel-1@test", from: "sentinel@example.org", subject: "sentinel", text: "sentinel" })], {
      logger,
    });
    expect(JSON.stringify(logged)).not.toContain("sentinel");
  });
});
