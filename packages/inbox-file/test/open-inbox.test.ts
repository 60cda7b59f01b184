import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../src/worker/open-database.ts";
import { eventOf, openIn, temporaryFolder } from "./temporary-folder.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("openInbox", () => {
  it("creates its folder for its user alone, and the files readable by no other user", async () => {
    const folder = join(temporaryFolder(), "state", "deep");
    const inbox = await openIn(folder);
    await inbox.accept(eventOf("a"));
    expect(modeOf(folder)).toBe("700");
    expect(modeOf(join(folder, "inbox.sqlite"))).toBe("600");
    expect(modeOf(join(folder, "inbox.sqlite-wal"))).toBe("600");
  });

  it("takes a path relative to the config file's folder", async () => {
    const folder = temporaryFolder();
    await openIn(folder, { path: "data/own-name.sqlite" });
    expect(statSync(join(folder, "data", "own-name.sqlite")).isFile()).toBe(true);
  });

  it("refuses an option that it does not know, and names those it does", async () => {
    await expect(openIn(temporaryFolder(), { paht: "x" })).rejects.toMatchObject({
      code: "INBOX_OPTION_INVALID",
      message: "The options of the inbox cannot be used: paht is not an option.",
      hint: "Its options are path, require_durable.",
    });
  });

  it.each([[""], ["  "], ["a\u0000b"], ["a\nb"], [7], [null]])("refuses the path %j", async (path) => {
    await expect(openIn(temporaryFolder(), { path })).rejects.toMatchObject({ code: "INBOX_OPTION_INVALID" });
  });

  it("says that a file cannot be created where a file stands in the way", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    await expect(openIn(folder, { path: "file/inbox.sqlite" })).rejects.toMatchObject({
      code: "INBOX_UNAVAILABLE",
      hint: expect.stringContaining("check the path"),
    });
  });

  it.skipIf(!existsSync("/proc/self"))("refuses a place that takes no folder, and does not hang", async () => {
    await expect(openIn(temporaryFolder(), { path: "/proc/connectors/inbox.sqlite" })).rejects.toMatchObject({
      code: "INBOX_UNAVAILABLE",
      message: expect.stringContaining("/proc/connectors/inbox.sqlite cannot be created: ENOENT"),
    });
  });

  it("refuses a file that is open already, and opens it once it is closed", async () => {
    const folder = temporaryFolder();
    const first = await openIn(folder);
    await expect(openIn(folder)).rejects.toMatchObject({ code: "INBOX_LOCKED", hint: expect.stringContaining("one process") });
    expect(await first.accept(eventOf("a"))).toBe("fresh");
    await first.close();
    expect((await (await openIn(folder)).stats()).depth).toBe(1);
  });

  it.skipIf(!existsSync("/proc/locks"))("names the process that has the file open", async () => {
    const folder = temporaryFolder();
    const first = await openIn(folder);
    const message = `the inbox file ${join(folder, "inbox.sqlite")} is in use by this process already`;
    await expect(openIn(folder)).rejects.toMatchObject({ code: "INBOX_LOCKED", message });
    await first.close();
  });

  it("opens an empty file, as a crash during creation leaves it", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "inbox.sqlite"), "");
    expect(await (await openIn(folder)).accept(eventOf("a"))).toBe("fresh");
  });
});

describe("the file of a release that knew no failed items", () => {
  const source = { kind: "github", name: "acme" };
  const item = { type: "item", source, direction: "pull", id: "1", raw: { n: 1 }, receivedAtMs: 1 } as const;

  it("is opened, counts those that are buried from now on, and keeps its version for the way back", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "inbox.sqlite");
    const former = openDatabase(path);
    former.exec("DROP INDEX unmapped_items");
    const version = former.prepare("PRAGMA user_version").get();
    former.close();
    const inbox = await openIn(folder);
    await inbox.buryFailedItem(item, "odd");
    await inbox.close();
    const again = await openIn(folder);
    expect((await again.stats()).deadLetters).toEqual([{ source, type: "item", count: 1 }]);
    await again.close();
    const database = openDatabase(path);
    expect(database.prepare("PRAGMA user_version").get()).toEqual(version);
    // It counts whatever is no episode as an event.
    expect(database.prepare("SELECT dead_events, dead_episodes FROM sources").get()).toEqual({
      dead_events: 1,
      dead_episodes: 0,
    });
    database.close();
  });
});

describe("a file that is no inbox of this version", () => {
  const files: Readonly<Record<string, { readonly code: string; readonly write: (path: string) => void }>> = {
    text: {
      code: "INBOX_FILE_CORRUPT",
      write: (path) => writeFileSync(path, "this is no database, but long enough to be one ".repeat(40)),
    },
    "another program's database": {
      code: "INBOX_FILE_CORRUPT",
      write: (path) => new DatabaseSync(path).exec("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)"),
    },
    "an inbox with a damaged page": {
      code: "INBOX_FILE_CORRUPT",
      write: (path) => {
        openDatabase(path).close();
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0xa5, 100, 4_000));
      },
    },
    "a truncated inbox": {
      code: "INBOX_FILE_CORRUPT",
      write: (path) => {
        openDatabase(path).close();
        writeFileSync(path, readFileSync(path).subarray(0, 5_000));
      },
    },
    "an inbox of a newer version": {
      code: "INBOX_FILE_VERSION",
      write: (path) => {
        const database = openDatabase(path);
        database.exec("PRAGMA user_version = 99");
        database.close();
      },
    },
  };

  it.each(Object.entries(files))("is refused and left as it is: %s", async (_, { code, write }) => {
    const folder = temporaryFolder();
    const path = join(folder, "inbox.sqlite");
    write(path);
    const before = readFileSync(path);
    await expect(openIn(folder)).rejects.toMatchObject({ code, message: expect.stringContaining(path), retryable: false });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("the connection", () => {
  it("waits for the disk at every commit, and keeps every other process out", () => {
    const database = openDatabase(join(temporaryFolder(), "inbox.sqlite"));
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    // 2: FULL.
    expect(pragma("synchronous")).toBe(2);
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("locking_mode")).toBe("exclusive");
    expect(pragma("auto_vacuum")).toBe(2);
    database.close();
  });
});
