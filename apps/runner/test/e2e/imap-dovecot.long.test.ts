import type { StoredEpisode } from "@statewave-connectors/testing/fake-statewave";
import {
  dovecotPassword,
  type DovecotServer,
  hasDovecot,
  type ImapScript,
  startDovecot,
} from "@statewave-connectors/testing/servers";
import { describe, expect, it } from "vitest";
import { FetchGate } from "./fetch-gate.ts";
import { balanced, reconcile } from "./ledger.ts";
import { until, within } from "./until.ts";
import type { Ending } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

const user = "ada@example.com";

/** A mailbox on a real server, the program that reads it, and what Statewave is owed of it. */
class MailWorld {
  readonly owed = new Set<string>();
  readonly world: World;
  readonly dovecot: DovecotServer;
  readonly gate: FetchGate;

  constructor(world: World, dovecot: DovecotServer, gate: FetchGate) {
    this.world = world;
    this.dovecot = dovecot;
    this.gate = gate;
  }

  /** Puts mails into a folder, each with a marker in its text. */
  async fill(script: ImapScript, folder: string, count: number): Promise<readonly string[]> {
    const markers = Array.from({ length: count }, (_, at) => `mark:mail-${String(this.owed.size + at).padStart(6, "0")}`);
    await script.append(
      folder,
      markers.map((marker, at) => ({ mail: mailOf(marker, folder, at % 40 === 0) })),
    );
    for (const marker of markers) this.owed.add(marker);
    return markers;
  }

  /** What is stored once runs find nothing more, by marker and by Message-ID. */
  async account() {
    for (let run = 0; run < 10; run += 1) {
      const [summary] = (await this.world.workspace.jsonLines("sync", "imap/box", "--json")).slice(-1);
      if (summary?.["episodes"] === 0) break;
    }
    const mails = mailsOf(this.world.statewave.episodes);
    const ids = mails.flatMap((episode) => /"message_id_header":"(<[^"]+>)"/.exec(JSON.stringify(episode))?.[1] ?? []);
    return { ...reconcile({ episodes: mails }, { owed: this.owed }), stored: ids.length, messageIds: new Set(ids).size };
  }

  /** Everything, and everything once. */
  get whole() {
    return { ...balanced, stored: this.owed.size, messageIds: this.owed.size };
  }
}

function mailsOf(episodes: readonly StoredEpisode[]): readonly StoredEpisode[] {
  return episodes.filter(({ payload }) => JSON.stringify(payload).includes("mark:mail-"));
}

/** The text of a nested mail is not its first part, so it takes a FETCH of its own. */
function mailOf(marker: string, folder: string, isNested: boolean): string {
  const from = folder === "Sent" ? user : "Bo <bo@example.org>";
  const head = [
    `From: ${from}`,
    "To: Cy <cy@example.net>",
    `Subject: A mail of ${folder}`,
    `Message-ID: <${marker.slice(5)}@test>`,
  ];
  const text = `As agreed, ${marker} stands.`;
  if (!isNested) return [...head, "", text, ""].join("\r\n");
  const multipart = (kind: string, content: readonly string[]) => [
    `Content-Type: multipart/${kind}; boundary=${kind}`,
    "",
    `--${kind}`,
    ...content,
    `--${kind}--`,
    "",
  ];
  return [...head, "MIME-Version: 1.0", ...multipart("mixed", multipart("alternative", ["", text]))].join("\r\n");
}

async function makeMailWorld(test: Ending, schedule = "every 1s"): Promise<MailWorld> {
  const dovecot = await startDovecot();
  test.onTestFinished(() => dovecot.stop());
  const gate = await FetchGate.start(dovecot.port);
  test.onTestFinished(() => gate.close());
  const entry = [
    "[[pull.imap]]",
    'name = "box"',
    `schedule = "${schedule}"`,
    'host = "127.0.0.1"',
    `port = ${gate.port}`,
    'tls = "none"',
    `username = "${user}"`,
    `password = "${dovecotPassword}"`,
    'folders = ["INBOX", "\\\\Sent", "Projects/*"]',
  ];
  const world = await makeWorld(test, { entries: entry.join("\n") });
  return new MailWorld(world, dovecot, gate);
}

/** Four, one and two pages, each with a nested mail. */
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
    const mails = await makeMailWorld(test, "0 0 1 1 *");
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
