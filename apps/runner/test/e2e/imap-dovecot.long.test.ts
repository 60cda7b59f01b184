import { hasDovecot, type ImapScript } from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { mailsOf, type MailWorld, makeMailWorld, user } from "./mail-world.ts";
import { until, within } from "./until.ts";

/** Three, one and two pages, each with a nested mail. */
async function fillFolders(mails: MailWorld): Promise<ImapScript> {
  const script = await mails.dovecot.connect(user);
  await script.command("CREATE Projects/a");
  await mails.fill(script, "INBOX", 230);
  await mails.fill(script, "Sent", 40);
  await mails.fill(script, "Projects/a", 120);
  return script;
}

describe.skipIf(!hasDovecot())("a mailbox on a real IMAP server", () => {
  it("arrives whole and once when the program is killed before each FETCH of a page and between pages", async (test) => {
    const mails = await makeMailWorld(test);
    await fillFolders(mails);
    for (const count of [1, 2, 3, 4, 3, 4, 3]) {
      const held = mails.gate.hold(count);
      const runner = await mails.world.workspace.run();
      await within(`FETCH ${count} of a run`, held);
      await runner.kill();
      mails.gate.release();
    }
    await mails.world.workspace.run();
    expect(await mails.account()).toEqual(mails.whole);
  });

  it("arrives whole and once when the server is killed before each FETCH of a page and between pages", async (test) => {
    const mails = await makeMailWorld(test);
    await fillFolders(mails);
    let held = mails.gate.hold(1);
    await mails.world.workspace.run();
    for (const next of [2, 3, 4, 3, undefined]) {
      await within("a FETCH", held);
      await mails.dovecot.kill();
      mails.gate.cut();
      if (next === undefined) mails.gate.release();
      else held = mails.gate.hold(next);
      await mails.dovecot.start();
    }
    expect(await mails.account()).toEqual(mails.whole);
  });

  it("arrives without its schedule when a mail comes: the program waits for it, also after its connection was cut", async (test) => {
    const mails = await makeMailWorld(test, { schedule: "0 0 1 1 *" });
    const script = await mails.dovecot.connect(user);
    const { statewave, workspace } = mails.world;
    await workspace.run();
    const arrived = (count: number) => until(`${count} mails are stored`, () => mailsOf(statewave.episodes).length === count);
    await mails.fill(script, "INBOX", 1);
    await arrived(1);
    mails.gate.cut();
    await mails.fill(script, "INBOX", 2);
    await arrived(3);
    expect(await mails.account()).toEqual(mails.whole);
    const { commands } = mails.gate;
    await workspace.jsonLines("sync", "imap/box", "--json");
    expect(mails.gate.commands - commands, "commands of a run in which nothing is new, for two folders").toBeLessThanOrEqual(10);
  });

  it("arrives whole and once when its folders are renumbered, renamed and emptied while they are read", async (test) => {
    const mails = await makeMailWorld(test);
    const script = await fillFolders(mails);
    const held = mails.gate.hold(3);
    await mails.world.workspace.run();
    await within("the second page", held);
    // The last ten of the inbox were not read yet.
    const inbox = [...mails.owed].slice(0, 230);
    await script.command("SELECT INBOX");
    await script.command("UID STORE 221:230 +FLAGS.SILENT (\\Deleted)");
    await script.command("EXPUNGE");
    for (const marker of inbox.slice(-10)) mails.owed.delete(marker);
    await script.command("RENAME Projects/a Projects/b");
    await script.command("UNSELECT");
    await mails.dovecot.doveadm("mailbox", "update", "-u", user, "--uid-validity", "4711", "INBOX");
    mails.gate.release();
    expect(await mails.account()).toEqual(mails.whole);
  });
});
