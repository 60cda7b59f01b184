import { expect, test } from "vitest";
import { cursors, type FolderState, type KnownMail } from "../src/pull/cursor.ts";
import { deletionWatch } from "../src/pull/deletions.ts";
import { cursorOf, describeMailbox, episodesOf, numberedMails, open } from "./mailbox.ts";

describeMailbox("deletions", (mailboxes) => {
  const watched = async (folders: readonly string[] = ["INBOX"]) => {
    const { script, options } = await mailboxes.newUser();
    const { walk } = await open({ ...options, folders, deletions: true });
    let cursor: string | undefined;
    /** The episodes of the next run. */
    const run = async () => {
      const pages = await walk(cursor);
      cursor = cursorOf(pages) ?? cursor;
      return episodesOf(pages);
    };
    return { script, run, options };
  };
  const keysOf = (episodes: Awaited<ReturnType<Awaited<ReturnType<typeof watched>>["run"]>>) =>
    episodes.map(({ metadata }) => metadata?.["deleted_key"]);

  test("are reported once, with the subject and the session of the mail, in the run after the one that missed it", async () => {
    const { script, run } = await watched();
    await script.append("INBOX", numberedMails(1, 5));
    const read = await run();
    expect(await run()).toEqual([]);
    await script.command("SELECT INBOX");
    await script.command("UID STORE 2,4 +FLAGS.SILENT (\\Deleted)");
    await script.command("EXPUNGE");
    expect(await run()).toEqual([]);
    const reported = await run();
    expect(reported.map(({ kind }) => kind)).toEqual(["imap.message.deleted", "imap.message.deleted"]);
    expect(keysOf(reported)).toEqual([read[1]?.idempotency_key, read[3]?.idempotency_key]);
    expect(reported[0]).toMatchObject({ subject: read[1]?.subject, session: read[1]?.session });
    expect(await run()).toEqual([]);
  });

  test("are not reported for moves to another folder that is read", async () => {
    const { script, run } = await watched(["INBOX", "Archive"]);
    await script.command("CREATE Archive");
    await script.append("INBOX", numberedMails(1, 3));
    await run();
    await script.command("SELECT INBOX");
    await script.command("UID MOVE 2 Archive");
    await run();
    expect((await run()).map(({ kind }) => kind)).toEqual([]);
    expect((await run()).map(({ kind }) => kind)).toEqual([]);
    await script.command("UID MOVE 3 Trash");
    await run();
    expect((await run()).map(({ kind }) => kind)).toEqual(["imap.message.deleted"]);
  });

  test("are noticed beside new mails", async () => {
    const { script, run } = await watched();
    await script.append("INBOX", numberedMails(1, 3));
    await run();
    await script.command("SELECT INBOX");
    await script.command("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
    await script.command("EXPUNGE");
    await script.append("INBOX", numberedMails(4, 4));
    expect((await run()).map(({ title }) => title)).toEqual(["Mail 4"]);
    expect((await run()).map(({ kind }) => kind)).toEqual(["imap.message.deleted"]);
  });

  test("are not reported after a renumbering, for which no mail was deleted", async () => {
    const { script, run, options } = await watched();
    await script.append("INBOX", numberedMails(1, 3));
    await run();
    script.end();
    await mailboxes.server.doveadm("mailbox", "update", "-u", String(options["username"]), "--uid-validity", "99", "INBOX");
    expect((await run()).map(({ kind }) => kind)).toEqual(Array.from({ length: 3 }, () => "imap.message.received"));
    expect(await run()).toEqual([]);
  });
});

test("watched mails fit into a cursor, however many folders share them", () => {
  for (const folders of [1, 40, 5_000]) {
    const { mostKnown } = deletionWatch({}, folders);
    const mail: KnownMail = [4_294_967_295, "f".repeat(32), `relationship:${"a".repeat(60)}`, `imap-${"f".repeat(24)}`];
    const state = (at: number): [string, FolderState] => {
      const known = Array.from({ length: mostKnown }, () => mail);
      return [`Folder ${at}`, { validity: "4294967295", uid: 4_294_967_295, exists: 100_000, known, gone: [] }];
    };
    const states = Object.fromEntries(Array.from({ length: folders }, (_, at) => state(at)));
    expect(cursors.format({ states, beside: { account: "ada@example.com" } }).length).toBeLessThan(1024 * 1024);
  }
});
