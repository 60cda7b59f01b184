import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import type { ConnectorsError, Page } from "@statewave-connectors/connector-sdk";
import { expect, onTestFinished, test } from "vitest";
import { cursorOf, episodesOf, open, titlesOf } from "./mailbox.ts";
import { fetchedMail, type Script, ScriptedServer, usual } from "./scripted-server.ts";

/** A walk at a server that answers as the script says. */
async function walkAt(script: Script, greeting?: string, given = {}) {
  const server = new ScriptedServer(script, greeting);
  const port = await server.start();
  onTestFinished(() => server.stop());
  const clock = new FakeClock();
  const options = {
    host: "127.0.0.1",
    port,
    tls: "none",
    username: "ada@example.com",
    password: "sesame-4711",
    folders: ["INBOX"],
  };
  const pages: Page[] = [];
  let error: ConnectorsError | undefined;
  try {
    const { source } = await open({ ...options, ...given }, { clock });
    for await (const page of source.pages(undefined, new AbortController().signal)) pages.push(page);
  } catch (thrown) {
    error = thrown as ConnectorsError;
  }
  return { pages, error, commands: server.commands, nowMs: clock.now() };
}

const refusals: readonly (readonly [string, Partial<Record<"code" | "retryable" | "waitMs", unknown>>])[] = [
  ["NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", { code: "IMAP_UNAUTHORIZED", retryable: false }],
  ["NO AUTHENTICATE failed.", { code: "IMAP_UNAUTHORIZED", retryable: false }],
  ["NO Invalid login or password, please try again", { code: "IMAP_UNAUTHORIZED", retryable: false }],
  ["NO Temporary failure, please try again later", { code: "IMAP_UNAVAILABLE", retryable: true }],
  ["NO Server busy, try again later", { code: "IMAP_UNAVAILABLE", retryable: true }],
  ["NO [UNAVAILABLE] Temporary authentication failure.", { code: "IMAP_UNAVAILABLE", retryable: true }],
  ["NO [LIMIT] Maximum number of connections from user+IP exceeded", { code: "IMAP_RATE_LIMITED", waitMs: 300_000 }],
  ["NO [ALERT] Too many simultaneous connections. (Failure)", { code: "IMAP_RATE_LIMITED", waitMs: 300_000 }],
  ["NO [OVERQUOTA] Account exceeded command or bandwidth limits.", { code: "IMAP_RATE_LIMITED", waitMs: 900_000 }],
  ["NO [PRIVACYREQUIRED] Use TLS", { code: "IMAP_FORBIDDEN", retryable: false }],
  ["NO [INUSE] Mailbox is locked, try again later", { code: "IMAP_UNAVAILABLE", retryable: true }],
];

test.each(refusals)("signing in that is answered %s is named as what it is", async (answer, { waitMs, ...expected }) => {
  const { error, nowMs } = await walkAt({ AUTHENTICATE: () => [answer] });
  expect(error).toMatchObject({ ...expected, retryAtMs: waitMs === undefined ? undefined : nowMs + Number(waitMs) });
  expect(error?.hint ?? error?.retryAtMs, "what to do, or when").toBeTruthy();
  expect(`${error?.message} ${error?.hint}`).not.toContain("sesame");
});

test("a throttling that names a time ends the run until then, and waits for nothing", async () => {
  const throttled = "BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds";
  const { error, nowMs } = await walkAt({ "UID FETCH": () => [throttled] });
  expect(error).toMatchObject({ code: "IMAP_RATE_LIMITED", retryAtMs: nowMs + 92_415 });
});

test("a server that says BYE in the middle of an answer is connected to again, and no mail is lost", async () => {
  const { pages, error } = await walkAt({
    "UID FETCH": (command, times) =>
      times === 1 ? ["* 1 FETCH (UID 1 FLAGS ())", "* BYE shutting down"] : [fetchedMail(1, command), "OK done"],
  });
  expect(error).toBeUndefined();
  expect(titlesOf(pages)).toEqual(["Mail 1"]);
});

test.each(["EXAMINE", "UID SEARCH", "UID FETCH", "STATUS"])(
  "a connection that is dropped silently at %s is replaced after a minute, and the run continues",
  async (name) => {
    const answer = usual[name] ?? (() => []);
    const server = new ScriptedServer({ [name]: (command, times) => (times === 1 ? "fall silent" : answer(command, times)) });
    const options = { host: "127.0.0.1", port: await server.start(), tls: "none", username: "ada@example.com", password: "p" };
    onTestFinished(() => server.stop());
    const clock = new FakeClock();
    const { walk } = await open({ ...options, folders: ["INBOX"] }, { clock });
    // Only a folder that was read before is looked at with STATUS.
    const cursor = name === "STATUS" ? cursorOf(await walk()) : undefined;
    const walked = walk(cursor);
    await expect.poll(() => server.commands.filter((command) => command.startsWith(name)).length).toBe(1);
    await clock.advance(60_000);
    expect(titlesOf(await walked)).toEqual(cursor === undefined ? ["Mail 1"] : []);
  },
);

test("a page that takes the server longer than a minute is requested in smaller ones, and not once more", async () => {
  const uids = Array.from({ length: 40 }, (_, at) => at + 1);
  const server = new ScriptedServer({
    EXAMINE: () => ["* 40 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT 41] ok", "OK [READ-ONLY] done"],
    "UID SEARCH": () => [`* SEARCH ${uids.join(" ")}`, "OK done"],
    "UID FETCH": (command) => {
      const [first = "1", last = first] = (/^UID FETCH (\S+)/.exec(command)?.[1] ?? "").split(":");
      if (last === "40" && first === "1") return "fall silent";
      return [...uids.slice(Number(first) - 1, Number(last)).map((uid) => fetchedMail(uid, command)), "OK done"];
    },
  });
  const options = { host: "127.0.0.1", port: await server.start(), tls: "none", username: "ada@example.com", password: "p" };
  onTestFinished(() => server.stop());
  const clock = new FakeClock();
  const { walk } = await open({ ...options, folders: ["INBOX"] }, { clock });
  const walked = walk();
  const wholePages = () => server.commands.filter((command) => command.startsWith("UID FETCH 1:40 ")).length;
  await expect.poll(wholePages).toBe(1);
  await clock.advance(60_000);
  await expect.poll(() => server.commands.filter((command) => command.startsWith("UID FETCH")).length).toBeGreaterThan(1);
  expect(wholePages()).toBe(1);
  expect(titlesOf(await walked)).toEqual(uids.map((uid) => `Mail ${uid}`));
});

/** A folder that has only these UIDs, at a server whose searches for more than 500 UIDs take forever. */
function slowSearches(lastUid: number, uids: readonly number[]) {
  const range = (command: string) => (/^UID SEARCH UID (\d+):(\d+)/.exec(command) ?? []).slice(1).map(Number);
  const server = new ScriptedServer({
    EXAMINE: () => [
      `* ${uids.length} EXISTS`,
      "* OK [UIDVALIDITY 1] ok",
      `* OK [UIDNEXT ${lastUid + 1}] ok`,
      "OK [READ-ONLY] done",
    ],
    "UID SEARCH": (command) => {
      const [first = 0, last = 0] = range(command);
      if (last - first >= 500) return "fall silent";
      return [`* SEARCH ${uids.filter((uid) => uid >= first && uid <= last).join(" ")}`, "OK done"];
    },
    "UID FETCH": (command) => {
      const [, first = "1"] = /^UID FETCH (\d+)/.exec(command) ?? [];
      return [fetchedMail(Number(first), command), "OK done"];
    },
  });
  const searches = () => server.commands.filter((command) => command.startsWith("UID SEARCH")).map((each) => String(range(each)));
  return { server, searches };
}

async function openSlow(server: ScriptedServer) {
  const options = { host: "127.0.0.1", port: await server.start(), tls: "none", username: "ada@example.com", password: "p" };
  onTestFinished(() => server.stop());
  const clock = new FakeClock();
  return { clock, ...(await open({ ...options, folders: ["INBOX"] }, { clock })) };
}

test("a search that takes the server longer than a minute is narrowed, and not made once more as it was", async () => {
  const { server, searches } = slowSearches(9_000, [3, 8_999]);
  const { clock, walk } = await openSlow(server);
  const walked = walk();
  for (const count of [1, 2]) {
    await expect.poll(() => searches().length).toBe(count);
    await clock.advance(60_000);
  }
  expect(titlesOf(await walked)).toEqual(["Mail 3", "Mail 8999"]);
  expect(new Set(searches()).size).toBe(searches().length);
});

test("a run that ends among searches that find nothing is resumed behind them", async () => {
  const { server, searches } = slowSearches(6_000, [5_999]);
  const { clock, source } = await openSlow(server);
  const pages = source.pages(undefined, new AbortController().signal)[Symbol.asyncIterator]();
  const first = pages.next();
  for (const count of [1, 2]) {
    await expect.poll(() => searches().length).toBe(count);
    await clock.advance(60_000);
  }
  const { value } = await first;
  await pages.return?.();
  const cursor = value === undefined ? undefined : value.cursor;
  expect(cursor).toContain('"uid":500');
});

test("folders that a server marks as trash, as a view of others or as unreadable are left out, in whichever case and however many", async () => {
  const { commands, error } = await walkAt(
    {
      LIST: () => [
        '* LIST () "/" INBOX',
        '* LIST (\\trash) "/" Gone',
        '* LIST (\\Trash) "/" "Also gone"',
        '* LIST (\\Important) "/" Important',
        '* LIST (\\NoSelect) "/" Parent',
        "OK done",
      ],
    },
    undefined,
    { folders: ["*"] },
  );
  expect(error).toBeUndefined();
  expect(commands.filter((command) => command.startsWith("EXAMINE"))).toEqual(["EXAMINE INBOX"]);
});

/** Seven mails; the fourth is answered as `broken` says. */
function sevenMails(broken: (command: string) => readonly string[] | "hang up"): Script {
  const uids = [1, 2, 3, 4, 5, 6, 7];
  const wanted = (command: string) => {
    const [first = "1", last = first] = (/^UID FETCH (\S+)/.exec(command)?.[1] ?? "1:7").split(":");
    return uids.filter((uid) => uid >= Number(first) && uid <= Number(last));
  };
  return {
    EXAMINE: () => ["* 7 EXISTS", "* OK [UIDVALIDITY 1] ok", "* OK [UIDNEXT 8] ok", "OK [READ-ONLY] done"],
    "UID SEARCH": () => [`* SEARCH ${uids.join(" ")}`, "OK done"],
    "UID FETCH": (command) =>
      wanted(command).includes(4) ? broken(command) : [...wanted(command).map((uid) => fetchedMail(uid, command)), "OK done"],
  };
}

test.each<[string, (command: string) => readonly string[] | "hang up"]>([
  ["answers NO to", () => ["NO [SERVERBUG] internal error"]],
  ["answers BAD to", () => ["BAD cannot parse the message"]],
  ["hangs up at", () => "hang up"],
  [
    "has no headers for",
    () => ['* 4 FETCH (UID 4 FLAGS () BODY[HEADER]<0> NIL BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 5 1))', "OK done"],
  ],
  ["leaves out of its answer, though it is there:", () => ["OK done"]],
  ["announces a literal of a gigabyte for", () => ["* 4 FETCH (UID 4 BODY[HEADER]<0> {1073741824}", "* BYE"]],
])("a mail that the server %s is a failed item, and the others are read", async (_, broken) => {
  const { pages, error } = await walkAt(sevenMails(broken));
  expect(error).toBeUndefined();
  expect(titlesOf(pages)).toEqual([1, 2, 3, 5, 6, 7].map((uid) => `Mail ${uid}`));
  expect(pages.flatMap(({ failures = [] }) => failures.map(({ id }) => id))).toEqual(["1:4:INBOX"]);
});

test("a server that reports new flags before the text of a mail loses nothing of the text", async () => {
  const flags = "* 1 FETCH (UID 1 FLAGS (\\Seen))";
  const { pages, error } = await walkAt({ "UID FETCH": (command) => [flags, fetchedMail(1, command), "OK done"] });
  expect(error).toBeUndefined();
  expect(episodesOf(pages)[0]?.text).toContain("hello");
});

test("a server that answers for a mail in several rows, with a short text in quotation marks, loses nothing of it", async () => {
  const rows = (command: string) => {
    const [facts = "", contents = ""] = fetchedMail(1, command).split(" BODY[HEADER]");
    const [header = ""] = contents.split(" BODY[1]");
    const name = "body[1]<0>";
    return [`${facts})`, `* 1 FETCH (UID 1 BODY[HEADER]${header})`, `* 1 FETCH (${name} "hello" UID 1)`, "* 7 FETCH (FLAGS ())"];
  };
  const { pages, error, commands } = await walkAt({ "UID FETCH": (command) => [...rows(command), "OK done"] });
  expect(error).toBeUndefined();
  expect(episodesOf(pages).map(({ title, text }) => [title, text.includes("hello")])).toEqual([["Mail 1", true]]);
  expect(commands.filter((command) => command.startsWith("UID FETCH")).length).toBe(1);
});

test("a mail whose structure the server does not know is read from its body as it stands", async () => {
  const bare = (command: string) => {
    const text = "A few words.";
    const row = fetchedMail(1, command).replace(/BODYSTRUCTURE \(.*?\) BODY/, "BODYSTRUCTURE NIL BODY");
    return command.includes("BODYSTRUCTURE") ? row : `* 1 FETCH (UID 1 BODY[TEXT]<0> {${text.length}}\r\n${text})`;
  };
  const { pages, error } = await walkAt({ "UID FETCH": (command) => [bare(command), "OK done"] });
  expect(error).toBeUndefined();
  expect(episodesOf(pages)[0]?.text).toContain("A few words.");
});

test("a server without UIDNEXT is searched, and the next run reads on behind the last mail", async () => {
  const withoutNext = { EXAMINE: () => ["* 1 EXISTS", "* OK [UIDVALIDITY 1] ok", "OK done"] };
  const { pages, error } = await walkAt(withoutNext);
  expect(error).toBeUndefined();
  expect(episodesOf(pages).length).toBe(1);
  expect(pages.at(-1)?.cursor).toContain('"uid":1');
});

test("a server without UIDVALIDITY is a bad answer, because its mails have no lasting UIDs", async () => {
  const { error } = await walkAt({ EXAMINE: () => ["* 1 EXISTS", "OK done"] });
  expect(error).toMatchObject({ code: "IMAP_BAD_ANSWER" });
  expect(error?.message).toContain("UIDVALIDITY");
});

test("a server that gives a UID a second time under the same UIDVALIDITY is read again", async () => {
  const server = new ScriptedServer();
  const port = await server.start();
  onTestFinished(() => server.stop());
  const options = {
    host: "127.0.0.1",
    port,
    tls: "none",
    username: "ada@example.com",
    password: "sesame-4711",
    folders: ["INBOX"],
  };
  const { walk } = await open(options);
  const [page] = await walk();
  const restored = (page?.cursor ?? "").replace('"uid":1', '"uid":900');
  expect(titlesOf(await walk(restored))).toEqual(["Mail 1"]);
});

test("something else than an IMAP server is a bad answer or unreachable, and says what to check", async () => {
  const { error } = await walkAt({}, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n* BYE");
  expect(error?.code).toMatch(/^IMAP_(BAD_ANSWER|UNAVAILABLE)$/);
  expect(error?.hint).toBeTruthy();
  const bye = await walkAt({}, "* BYE too busy, try again later");
  expect(bye.error).toMatchObject({ code: "IMAP_UNAVAILABLE", retryable: true });
});

test("a server that requires TLS first gets no password", async () => {
  const { error, commands } = await walkAt({}, undefined, { tls: "starttls" });
  expect(error).toMatchObject({ code: "IMAP_REFUSED" });
  expect(commands.some((command) => command.startsWith("AUTHENTICATE"))).toBe(false);
});
