import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { cursorOf, describeMailbox, episodesOf, mailOf, numberedMails, open, titlesOf } from "./mailbox.ts";

describeMailbox("the first sync", (mailboxes) => {
  test("reads what was received and what was sent, the oldest first", async () => {
    const { user, script, options } = await mailboxes.newUser();
    await script.append("INBOX", [{ mail: mailOf({ id: "in@test", subject: "Budget 2027", text: "The numbers are final." }) }]);
    await script.append("Sent", [
      { mail: mailOf({ id: "out@test", from: user, to: "Bo <bo@example.org>", subject: "Re: Budget 2027", text: "Thank you." }) },
    ]);
    const { walk } = await open(options);
    const [received, sent] = episodesOf(await walk());
    expect(received).toMatchObject({
      kind: "imap.message.received",
      subject: canonicalSubject("relationship:bo@example.org"),
      title: "Budget 2027",
      author: { kind: "external" },
      source: { type: "imap.message", id: "<in@test>" },
    });
    expect(received?.text).toContain("The numbers are final.");
    expect(sent).toMatchObject({ kind: "imap.message.sent", title: "Budget 2027", author: { kind: "self" } });
    expect(sent?.subject).toBe(received?.subject);
  });

  test("dates a mail by when the server got it, not by what its sender wrote", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", [{ mail: mailOf({ id: "a@test" }), at: new Date("2026-03-04T05:06:07Z") }]);
    const { walk } = await open(options);
    expect(episodesOf(await walk()).map(({ occurred_at }) => occurred_at)).toEqual(["2026-03-04T05:06:07.000Z"]);
  });

  test("pages through a folder and resumes from each page", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 250));
    const { walk } = await open(options);
    const pages = await walk();
    expect(pages.map(({ episodes }) => episodes.length).filter((count) => count > 0)).toEqual([100, 100, 50]);
    const rest = await walk(pages[0]?.cursor);
    expect(titlesOf(rest)).toEqual(titlesOf(pages.slice(1)));
    expect(await walk(cursorOf(pages))).toEqual([]);
  });

  test("fetches a page of short mails with one command", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 150));
    const proxy = await startTcpProxy(`imap://127.0.0.1:${mailboxes.server.port}`);
    const { walk } = await open({ ...options, port: Number(new URL(proxy.url).port) });
    expect(titlesOf(await walk())).toHaveLength(150);
    expect(
      proxy
        .received()
        .toString("latin1")
        .match(/ UID FETCH [\d:,]+/g),
    ).toEqual([" UID FETCH 1:100", " UID FETCH 101:150"]);
    await proxy.close();
  });

  test("marks no mail as read", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 3));
    const { walk } = await open(options);
    await walk();
    expect(await script.command("STATUS INBOX (UNSEEN)")).toContain("UNSEEN 3");
  });

  test("reads no older mail than the entry wants, on later runs too", async () => {
    const { script, options } = await mailboxes.newUser();
    const at = (day: string) => new Date(`${day}T12:00:00Z`);
    await script.append("INBOX", [
      { mail: mailOf({ id: "1@test", subject: "Old" }), at: at("2026-01-01") },
      { mail: mailOf({ id: "2@test", subject: "Young" }), at: at("2026-02-01") },
    ]);
    const clock = new FakeClock(Date.parse("2026-02-10T00:00:00Z"));
    const { walk } = await open({ ...options, since_default: "20d" }, { clock });
    const pages = await walk();
    expect(titlesOf(pages)).toEqual(["Young"]);
    await script.append("INBOX", [
      { mail: mailOf({ id: "3@test", subject: "Moved here" }), at: at("2026-01-02") },
      { mail: mailOf({ id: "4@test", subject: "New" }), at: at("2026-01-25") },
    ]);
    expect(titlesOf(await walk(cursorOf(pages)))).toEqual(["New"]);
  });

  test("leaves out drafts, automatic mail and mailing lists, and counts them", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", [
      { mail: mailOf({ id: "1@test", subject: "Draft" }), flags: ["\\Draft"] },
      { mail: mailOf({ id: "2@test", subject: "Away", headers: ["Auto-Submitted: auto-replied"] }) },
      { mail: mailOf({ id: "3@test", subject: "News", headers: ["List-Id: <news.example.org>"] }) },
      { mail: mailOf({ id: "4@test", subject: "Hello" }) },
    ]);
    const { walk } = await open(options);
    const pages = await walk();
    expect(titlesOf(pages)).toEqual(["Hello"]);
    expect(pages[0]?.skipped).toEqual({ draft: 1, automatic: 1, mailing_list: 1 });
    const all = await open({ ...options, automatic: true, mailing_lists: true });
    expect(titlesOf(await all.walk())).toEqual(["Away", "News", "Hello"]);
  });

  test("names attachments, and fetches nothing of them", async () => {
    const { script, options } = await mailboxes.newUser();
    const parts = [
      "--b",
      "Content-Type: text/plain; charset=iso-8859-1",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Sch=F6ne Gr=FC=DFe",
      "--b",
      'Content-Type: application/pdf; name="plan.pdf"',
      "Content-Disposition: attachment",
      "Content-Transfer-Encoding: base64",
      "",
      "A".repeat(76).concat("\r\n").repeat(20_000),
      "--b--",
    ];
    const headers = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"'];
    await script.append("INBOX", [{ mail: mailOf({ id: "1@test", headers, text: parts.join("\r\n") }) }]);
    const { walk } = await open(options);
    const [episode] = episodesOf(await walk());
    expect(episode?.text).toContain("Schöne Grüße");
    expect(episode?.text).toContain("Attached: plan.pdf");
    expect(episode?.metadata?.["attachments"]).toEqual([
      { name: "plan.pdf", content_type: "application/pdf", size_bytes: expect.closeTo(1_140_000, -4) },
    ]);
  });
});
