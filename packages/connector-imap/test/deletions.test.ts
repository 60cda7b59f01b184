import type { Episode, Page } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { cursors, type FolderState, type KnownMail } from "../src/pull/cursor.ts";
import { deletionWatch, remember } from "../src/pull/deletions.ts";
import { highestUid } from "../src/server/uid-windows.ts";
import { cursorOf, describeMailbox, episodesOf, numberedMails, open, titlesOf } from "./mailbox.ts";
import { type Script, ScriptedServer } from "./scripted-server.ts";

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
    /** The first pages of the next run, whose process dies. */
    const runUntil = async (isLast: (page: Page) => boolean, parts: readonly string[] = []) => {
      const episodes: Episode[] = [];
      const { source } = await open({ ...options, folders, deletions: true });
      for await (const page of source.pages(cursor, new AbortController().signal, { parts })) {
        cursor = page.cursor ?? cursor;
        episodes.push(...page.episodes);
        if (isLast(page)) break;
      }
      return episodes;
    };
    return { script, run, runUntil, options };
  };
  const kindsOf = (episodes: Awaited<ReturnType<Awaited<ReturnType<typeof watched>>["run"]>>) => episodes.map(({ kind }) => kind);
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

  test("are not reported for a mail that comes back, or that lies twice in its folder", async () => {
    const { script, run } = await watched();
    await script.append("INBOX", [...numberedMails(1, 2), ...numberedMails(2, 2)]);
    await run();
    await script.command("SELECT INBOX");
    await script.command("UID MOVE 1 Trash");
    await script.command("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
    await script.command("EXPUNGE");
    await script.command("SELECT Trash");
    await script.command("UID MOVE 1 INBOX");
    await run();
    expect((await run()).map(({ kind }) => kind)).toEqual([]);
    expect((await run()).map(({ kind }) => kind)).toEqual([]);
  });

  test("are not reported for moves after a run that ended before every folder was read", async () => {
    const { script, run, runUntil } = await watched(["INBOX", "Archive"]);
    await script.command("CREATE Archive");
    await script.append("INBOX", numberedMails(1, 3));
    await run();
    await script.command("SELECT INBOX");
    await script.command("UID MOVE 2 Archive");
    await script.append("INBOX", numberedMails(4, 4));
    await runUntil((page) => titlesOf([page]).includes("Mail 4"), ["INBOX"]);
    expect((await run()).map(({ title }) => title)).toEqual(["Mail 2"]);
    expect((await run()).map(({ kind }) => kind)).toEqual([]);
    await script.command("UID MOVE 3 Trash");
    await script.append("INBOX", numberedMails(5, 5));
    await runUntil((page) => titlesOf([page]).includes("Mail 5"), ["INBOX"]);
    expect(await run()).toEqual([]);
    expect((await run()).map(({ kind }) => kind)).toEqual(["imap.message.deleted"]);
  });

  test("are noticed beside new mails, also when as many came as were deleted", async () => {
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

  test("of a folder that was deleted are reported once, in the run after the one that missed it", async () => {
    const { script, run } = await watched(["INBOX", "Projects/*"]);
    await script.command("CREATE Projects/a");
    await script.append("INBOX", numberedMails(1, 2));
    await script.append("Projects/a", numberedMails(2, 4));
    const read = await run();
    await script.command("DELETE Projects/a");
    expect(await run()).toEqual([]);
    const reported = await run();
    // Mail 2 lies in the inbox, too.
    expect(kindsOf(reported)).toEqual(["imap.message.deleted", "imap.message.deleted"]);
    expect(new Set(keysOf(reported))).toEqual(
      new Set(read.filter(({ title }) => title !== "Mail 1" && title !== "Mail 2").map((each) => each.idempotency_key)),
    );
    expect([await run(), await run()]).toEqual([[], []]);
  });

  test("are not reported of a folder that was renamed, nor of one that is missing for one run", async () => {
    const { script, run } = await watched(["INBOX", "Projects/*"]);
    await script.command("CREATE Projects/a");
    await script.append("Projects/a", numberedMails(1, 3));
    await run();
    await script.command("RENAME Projects/a Projects/b");
    await run();
    expect([await run(), await run()]).toEqual([[], []]);
    await script.command("RENAME Projects/b Elsewhere");
    expect(await run()).toEqual([]);
    await script.command("RENAME Elsewhere Projects/b");
    expect([await run(), await run(), await run()]).toEqual([[], [], []]);
    await script.command("DELETE Projects/b");
    expect(await run()).toEqual([]);
    expect(kindsOf(await run())).toEqual(Array.from({ length: 3 }, () => "imap.message.deleted"));
  });

  test("are not reported of a folder that the entry does not read any more", async () => {
    const { script, run, options } = await watched(["INBOX", "Projects/*"]);
    await script.command("CREATE Projects/a");
    await script.append("Projects/a", numberedMails(1, 3));
    await run();
    const { walk } = await open({ ...options, folders: ["INBOX"], deletions: true });
    const first = await walk(cursorOf(await (await open({ ...options, folders: ["*"], deletions: true })).walk()));
    const second = await walk(cursorOf(first));
    expect([...episodesOf(first), ...episodesOf(second)]).toEqual([]);
  });

  test("come in pages of at most a hundred, and resume behind the last page that was stored", async () => {
    const { script, run, runUntil } = await watched(["INBOX", "Projects/*"]);
    await script.command("CREATE Projects/a");
    await script.append("Projects/a", numberedMails(1, 130));
    await script.append("INBOX", numberedMails(201, 340));
    await run();
    await script.command("DELETE Projects/a");
    await script.command("SELECT INBOX");
    await script.command("UID STORE 1:140 +FLAGS.SILENT (\\Deleted)");
    await script.command("EXPUNGE");
    expect(await run()).toEqual([]);
    const reported = await runUntil((page) => kindsOf(page.episodes).includes("imap.message.deleted"));
    expect(reported).toHaveLength(100);
    for (let count = 0; count < 3; count += 1) reported.push(...(await run()));
    expect(reported).toHaveLength(270);
    expect(new Set(keysOf(reported)).size).toBe(270);
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

const mail: KnownMail = [4_294_967_295, "f".repeat(32), `relationship:${"a".repeat(60)}`, `imap-${"f".repeat(24)}`];
const mails = (count: number) => Array.from({ length: count }, () => mail);

test.each([1, 40, 5_000])("watched mails of %i folders fit into a cursor, also where many are gone and many came", (folders) => {
  const watch = deletionWatch({}, { folders, isWhole: true });
  const { known, gone } = remember({ known: mails(3_000), gone: mails(3_000) }, mails(3_000), watch);
  const state = (at: number): [string, FolderState] => [
    `Folder ${at}`,
    { validity: "4294967295", uid: 4_294_967_295, exists: 100_000, known: [...known], gone: [...gone] },
  ];
  const states = Object.fromEntries(Array.from({ length: folders }, (_, at) => state(at)));
  expect(cursors.format({ states, beside: { account: "ada@example.com" } }).length).toBeLessThan(1024 * 1024);
});

/** The searches for watched mails with these UIDs. */
async function searchesFor(uids: readonly number[], script: Script = {}, clock = new FakeClock()) {
  const lastUid = uids.at(-1) ?? 0;
  const server = new ScriptedServer({
    EXAMINE: () => ["* 1 EXISTS", "* OK [UIDVALIDITY 1] ok", `* OK [UIDNEXT ${lastUid + 1}] ok`, "OK [READ-ONLY] done"],
    "UID SEARCH": () => ["* SEARCH", "OK done"],
    ...script,
  });
  onTestFinished(() => server.stop());
  const port = await server.start();
  const username = "ada@example.com";
  const options = { host: "127.0.0.1", port, tls: "none", username, password: "p", deletions: true };
  const { walk } = await open(options, { clock });
  const known = uids.map((uid): KnownMail => [uid, `key ${uid}`, "", ""]);
  const states = { INBOX: { validity: "1", uid: lastUid, exists: uids.length, known, gone: [] } };
  const searches = () => server.commands.filter((command) => command.startsWith("UID SEARCH"));
  const ended = walk(cursors.format({ states, beside: { account: username } }));
  return { searches, ended };
}

const every = (step: number) => Array.from({ length: 4_000 }, (_, at) => highestUid - 1 - step * (3_999 - at));

test("watched mails that lie close together are searched for with one command", async () => {
  const { searches, ended } = await searchesFor(every(2));
  await ended;
  expect(searches()).toEqual([`UID SEARCH UID ${highestUid - 7_999}:${highestUid - 1}`]);
});

test.each([40, 100_000])("watched mails %i UIDs apart are searched for with commands that every server takes", async (step) => {
  const { searches, ended } = await searchesFor(every(step));
  await ended;
  expect(searches().length).toBe(8);
  expect(Math.max(...searches().map(({ length }) => length))).toBeLessThan(8_000);
});

test("watched mails whose search takes longer than a minute are searched for in parts", async () => {
  const clock = new FakeClock();
  const width = (command: string) => {
    const [first = 0, last = first] = (/ (\d+)(?::(\d+))?$/.exec(command) ?? []).slice(1).map(Number);
    return last - first;
  };
  const isSilent = (command: string) => width(command) > 1_500;
  const script: Script = { "UID SEARCH": (command) => (isSilent(command) ? "fall silent" : ["* SEARCH", "OK done"]) };
  const { searches, ended } = await searchesFor(every(2), script, clock);
  await expect.poll(() => searches().length).toBe(1);
  await clock.advance(60_000);
  const pages = await ended;
  expect(searches().length).toBe(11);
  expect(cursors.parse(cursorOf(pages), { clock })?.states["INBOX"]?.gone).toHaveLength(4_000);
});

test("a list of watched mails that takes longer than a minute is not searched for again as it was", async () => {
  const clock = new FakeClock();
  const isSilent = (command: string) => command.split(",").length > 400;
  const script: Script = { "UID SEARCH": (command) => (isSilent(command) ? "fall silent" : ["* SEARCH", "OK done"]) };
  const { searches, ended } = await searchesFor(every(100), script, clock);
  await expect.poll(() => searches().length).toBe(1);
  await clock.advance(60_000);
  await ended;
  expect(new Set(searches()).size).toBe(searches().length);
});

test("of a deleted folder those are not reported that the folder which took its mails over may have forgotten", () => {
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at): KnownMail => [from + at, `key ${from + at}`, "", ""]);
  const old: FolderState = { validity: "1", uid: 2_000, known: numbered(1, 2_000), gone: [], missing: true };
  // One of the 2,000 mails was deleted, and five came behind them.
  const renamed: FolderState = {
    validity: "2",
    uid: 2_005,
    known: numbered(6, 2_006).filter(([uid]) => uid !== 1_000),
    gone: [],
  };
  const { lostWith } = deletionWatch({ old, renamed }, { folders: 2, isWhole: true });
  expect(lostWith(old.known ?? []).map(([uid]) => uid)).toEqual([1_000]);
  const alone = deletionWatch({ old }, { folders: 2, isWhole: true });
  expect(alone.lostWith(old.known ?? [])).toHaveLength(2_000);
});

test("what a folder forgot while there were more folders is not taken for deleted after one of them is gone", () => {
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at): KnownMail => [from + at, `key ${from + at}`, "", ""]);
  const old: FolderState = { validity: "1", uid: 1_333, known: numbered(1, 1_333), gone: [], missing: true };
  const watch = deletionWatch({}, { folders: 4, isWhole: true });
  const { known, gone, forgot } = remember({ known: [], gone: [] }, numbered(1, 1_333), watch);
  expect(known).toHaveLength(1_000);
  const renamed: FolderState = { validity: "2", uid: 1_333, known: [...known], gone: [...gone], forgot };
  expect(deletionWatch({ old, renamed }, { folders: 3, isWhole: true }).lostWith(old.known ?? [])).toEqual([]);
});

test("the newest mails are watched, where there are more than a cursor has room for", () => {
  const watch = deletionWatch({}, { folders: 2_000, isWhole: true });
  const numbered = [1, 2, 3].map((uid): KnownMail => [uid, `key ${uid}`, "", ""]);
  expect(remember({ known: numbered, gone: [] }, [], watch).known).toEqual(numbered.slice(1));
});
