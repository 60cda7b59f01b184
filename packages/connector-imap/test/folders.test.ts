import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { startTcpProxy } from "@statewave-connectors/testing/servers";
import { expect, test } from "vitest";
import { chooseFolders } from "../src/server/choose-folders.ts";
import { cursorOf, describeMailbox, episodesOf, mailOf, numberedMails, open, titlesOf } from "./mailbox.ts";

test.each([
  [
    ["INBOX", "\\Sent"],
    ["INBOX", "Sent Mail"],
  ],
  [["inbox"], ["INBOX"]],
  [["\\archive"], ["Archive"]],
  [["*"], ["INBOX", "Sent Mail", "Archive", "Archive.2025", "Projects.a"]],
  [["Projects/*"], ["Projects.a"]],
  [["Projects.*"], ["Projects.a"]],
  [["Spam"], ["Spam"]],
  [["\\Junk"], ["Spam"]],
  [["Sp*"], []],
])("%j names %j", (wanted, paths) => {
  const use: Readonly<Record<string, string>> = { "Sent Mail": "\\Sent", Archive: "\\Archive", Spam: "\\Junk", All: "\\All" };
  const listed = ["INBOX", "Sent Mail", "Archive", "Archive.2025", "Projects.a", "Spam", "All"].map((path) => ({
    path,
    delimiter: ".",
    specialUse: use[path],
  }));
  expect(chooseFolders(wanted, listed).folders.map(({ path }) => path)).toEqual(paths);
});

test("names what is not there, but for patterns", () => {
  expect(chooseFolders(["INBOX", "Nowhere", "No*", "\\Archive"], []).missing).toEqual(["INBOX", "Nowhere", "\\Archive"]);
});

/** Folders of Gmail, and one that was deleted: it was moved into the trash. */
const gmailFolders = [
  { path: "INBOX", delimiter: "/", specialUse: "\\Inbox" },
  { path: "[Gmail]/All Mail", delimiter: "/", specialUse: "\\All" },
  { path: "[Gmail]/Trash", delimiter: "/", specialUse: "\\Trash" },
  { path: "[Gmail]/Trash/Old", delimiter: "/", specialUse: undefined },
];

test("with brackets in their names are found by name, and reported where they are missing", () => {
  const { folders, missing } = chooseFolders(["INBOX", "[Gmail]/All Mail", "[Gmail]/Nowhere"], gmailFolders);
  expect(folders.map(({ path }) => path)).toEqual(["INBOX", "[Gmail]/All Mail"]);
  expect(missing).toEqual(["[Gmail]/Nowhere"]);
});

test("in the trash are not read by a pattern", () => {
  expect(chooseFolders(["*"], gmailFolders).folders.map(({ path }) => path)).toEqual(["INBOX"]);
});

test("in the trash are read by a pattern that begins there", () => {
  const listed = gmailFolders.map((folder) => ({ ...folder, path: folder.path.replace("[Gmail]/", "") }));
  expect(chooseFolders(["Trash/*"], listed).folders.map(({ path }) => path)).toEqual(["Trash/Old"]);
});

/** A logger, and its warnings. */
function warnings() {
  const said: [string, LogFields | undefined][] = [];
  return { said, logger: { ...silentLogger, warn: (message: string, fields?: LogFields) => void said.push([message, fields]) } };
}

describeMailbox("folders", (mailboxes) => {
  test("are read by pattern, and none that keeps junk, drafts or trash", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.command('CREATE "Projects/Ünï"'.replace("Ünï", "&ANw-n&AO8-"));
    for (const [at, folder] of ["INBOX", "Junk", "Trash", "Drafts", "Projects/&ANw-n&AO8-"].entries()) {
      await script.append(folder, numberedMails(at + 1, at + 1));
    }
    const { walk } = await open({ ...options, folders: ["*"] });
    const pages = await walk();
    expect(titlesOf(pages)).toEqual(["Mail 1", "Mail 5"]);
    expect(episodesOf(pages)[1]?.metadata?.["folder"]).toBe("Projects/Ünï");
  });

  test("that are named and missing are reported, and the others are read", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 2));
    const { source } = await open({ ...options, folders: ["INBOX", "Nowhere"] });
    const titles: (string | undefined)[] = [];
    const walk = async () => {
      for await (const page of source.pages(undefined, new AbortController().signal)) titles.push(...titlesOf([page]));
    };
    await expect(walk()).rejects.toMatchObject({ code: "IMAP_FOLDER_MISSING", failedParts: ["Nowhere"] });
    expect(titles).toEqual(["Mail 1", "Mail 2"]);
  });

  test("hold a mail once, in however many of them it lies", async () => {
    const { user, script, options } = await mailboxes.newUser();
    const toMyself = mailOf({ id: "self@test", from: user, to: user });
    for (const folder of ["INBOX", "Sent"]) await script.append(folder, [{ mail: toMyself }]);
    const { walk } = await open(options);
    const [one, other] = episodesOf(await walk());
    expect(other?.idempotency_key).toBe(one?.idempotency_key);
    expect(other?.kind).toBe(one?.kind);
  });

  test("keep mails apart that share a Message-ID", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", [
      { mail: mailOf({ id: "same@test", subject: "One" }) },
      { mail: mailOf({ id: "same@test", subject: "Other" }) },
    ]);
    const { walk } = await open(options);
    expect(new Set(episodesOf(await walk()).map(({ idempotency_key }) => idempotency_key)).size).toBe(2);
  });

  test("with a new UIDVALIDITY are read again under the same keys, and that is reported", async () => {
    const { user, script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 3));
    const { said, logger } = warnings();
    const { walk } = await open(options, { logger });
    const before = await walk();
    script.end();
    await mailboxes.server.doveadm("mailbox", "update", "-u", user, "--uid-validity", "77", "INBOX");
    const again = await mailboxes.server.connect(user);
    await again.append("INBOX", numberedMails(4, 4));
    const after = await walk(cursorOf(before));
    expect(titlesOf(after)).toEqual(["Mail 1", "Mail 2", "Mail 3", "Mail 4"]);
    const keys = (pages: typeof after) => episodesOf(pages).map(({ idempotency_key }) => idempotency_key);
    expect(keys(after).slice(0, 3)).toEqual(keys(before));
    expect(said).toEqual([["the mails of a folder have new UIDs; it is read again", { folder: "INBOX" }]]);
    expect(await walk(cursorOf(after))).toEqual([]);
  });

  test("that are renamed are read under their new name, under the same keys, and that is reported", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.command("CREATE Clients");
    await script.append("Clients", numberedMails(1, 2));
    const { said, logger } = warnings();
    const { walk } = await open({ ...options, folders: ["INBOX", "C*"] }, { logger });
    const before = await walk();
    await script.command("RENAME Clients Customers");
    await script.append("Customers", numberedMails(3, 3));
    const after = await walk(cursorOf(before));
    expect(titlesOf(after)).toEqual(["Mail 1", "Mail 2", "Mail 3"]);
    const keys = (pages: typeof after) => episodesOf(pages).map(({ idempotency_key }) => idempotency_key);
    expect(keys(after).slice(0, 2)).toEqual(keys(before));
    expect(said).toEqual([["a folder is gone, was renamed, or is not chosen any more", { folder: "Clients" }]]);
    expect(await walk(cursorOf(after))).toEqual([]);
  });

  test("lose no mail when others are expunged during the walk", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 250));
    await script.command("SELECT INBOX");
    const { source } = await open(options);
    const titles: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of source.pages(undefined, new AbortController().signal)) {
      titles.push(...titlesOf([page]));
      pages += 1;
      if (pages > 1) continue;
      await script.command("UID STORE 1:50,210:220 +FLAGS.SILENT (\\Deleted)");
      await script.command("EXPUNGE");
    }
    const expected = Array.from({ length: 250 }, (_, at) => at + 1).filter((number) => number < 210 || number > 220);
    expect(titles).toEqual(expected.map((number) => `Mail ${number}`));
  });

  test("in which nothing happened cost one command each", async () => {
    const { script, options } = await mailboxes.newUser();
    await script.append("INBOX", numberedMails(1, 5));
    const { walk } = await open({ ...options, folders: ["INBOX", "Sent", "Junk", "Trash"] });
    const cursor = cursorOf(await walk());
    const proxy = await startTcpProxy(`imap://127.0.0.1:${mailboxes.server.port}`);
    const quiet = await open({ ...options, folders: ["INBOX", "Sent", "Junk", "Trash"], port: Number(new URL(proxy.url).port) });
    expect(await quiet.walk(cursor)).toEqual([]);
    const commands = proxy
      .received()
      .toString("latin1")
      .split("\r\n")
      .map((line) => line.split(" ")[1] ?? "");
    expect(commands.filter((command) => command === "STATUS").length).toBe(4);
    expect(commands.filter((command) => /^(EXAMINE|SELECT|FETCH|UID|SEARCH)$/.test(command))).toEqual([]);
    expect(commands.filter((command) => command !== "").length, "commands of the whole run").toBeLessThanOrEqual(4 + 10);
    await proxy.close();
  });
});
