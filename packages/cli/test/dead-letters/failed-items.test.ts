import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-failed-items-"));
  await writeFile(join(folder, "books.mjs"), connectorSource);
  await writeFile(join(folder, "statewave-connectors.toml"), toml);
});

afterEach(async () => {
  Object.assign(globalThis, { booksCanMap: undefined, booksParts: undefined, booksStrays: undefined });
  await rm(folder, { recursive: true, force: true });
});

/** Two of its three books have no title. It learns to map them when `booksCanMap` is set, as an update would. */
const connectorSource = `
const books = [{ id: "a", title: "A" }, { id: "b" }, { id: "c" }];
const map = (book) => {
  if (book.title === undefined && !globalThis.booksCanMap) throw new TypeError("book " + book.id + " has no title");
  return [{
    subject: "books:all", kind: "books.book", text: "book " + book.id, occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "books.book", id: book.id }, idempotency_key: "key-" + book.id }];
};
const config = { entries: {}, "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
export const connector = {
  kind: "books",
  version: "1.0.0",
  pull: {
    config,
    rights: [{ name: "books:read", for: "reading books" }, { name: "users:read", for: "names", optional: true }],
    open: () => ({
      ...(globalThis.booksParts ?? { map }),
      async *pages() {
        const page = { episodes: [...(globalThis.booksStrays ?? [])], failures: [], cursor: "3" };
        for (const book of books) {
          try { page.episodes.push(...map(book)); } catch (error) { page.failures.push({ id: book.id, error, raw: book }); }
        }
        yield page;
      },
    }),
  },
};
`;

const toml = `
[statewave]
url = "file:./episodes.jsonl"

[runner]
state_dir = "./state"
[runner.state]
kind = "file"

[connectors]
books = "./books.mjs"

[[pull.books]]
name = "all"
schedule = "every 1h"
`;

const run = (...args: string[]) => runHere(folder, args);

const delivered = async () =>
  (await readFile(join(folder, "episodes.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { payload: { text: string } }).payload.text);

test("sync names dead-letters list only where the letters are kept", async () => {
  expect((await run("sync", "books/all")).stderr).toContain("dead-letters list`");
  await writeFile(join(folder, "statewave-connectors.toml"), toml.replace('kind = "file"', 'kind = "memory"'));
  const { stderr } = await run("sync", "books/all");
  expect(stderr).toContain('hint: set [runner.state] kind = "file" to keep what could not be mapped');
});

test("sync says how many items failed, also before it delivers anything", async () => {
  expect(await run("sync", "books/all", "--dry-run")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("books/all: 1 episode would be delivered, 2 failed\n"),
  });
  expect(await run("dead-letters", "list")).toMatchObject({ stdout: "no dead letters\n" });
  expect(await run("sync", "books/all")).toMatchObject({
    code: 0,
    stdout: "books/all: 1 of 1 episodes delivered, 0 buried, 2 failed\n",
    stderr: expect.stringContaining("dead-letters list"),
  });
  expect(JSON.parse((await run("sync", "books/all", "--json")).stdout)).toMatchObject({ episodes: 1, failed: 2 });
});

describe("dead-letters", () => {
  test("list and show an item with its reason and its raw form", async () => {
    await run("sync", "books/all");
    const { stdout } = await run("dead-letters", "list");
    const rows = stdout.trim().split("\n").slice(1);
    expect(rows.map((row) => row.split(/ {2,}/).toSpliced(3, 1))).toEqual([
      ["1", "books/all", "item", "-", "b", "-", "TypeError: book b has no title"],
      ["2", "books/all", "item", "-", "c", "-", "TypeError: book c has no title"],
    ]);
    const shown = JSON.parse((await run("dead-letters", "show", "1")).stdout) as unknown;
    expect(shown).toMatchObject({
      type: "item",
      source: "books/all",
      item: { type: "item", direction: "pull", id: "b", raw: { id: "b" }, source: "books/all", received_at: expect.any(String) },
    });
  });

  test("list names kind, id, subject and reason of an episode, also where another one shares its reason", async () => {
    const strays = ["d", "e"].map((id) => ({
      subject: `books:${id}`,
      kind: "books.book",
      text: id,
      occurred_at: "2024-02-30T00:00:00Z",
      source: { type: "books.book", id: `shelf/${id}` },
      idempotency_key: id,
    }));
    Object.assign(globalThis, { booksStrays: [...strays, null] });
    await run("sync", "books/all");
    const { stdout } = await run("dead-letters", "list");
    const reason = "occurred_at is not an ISO 8601 time with offset";
    const rows = stdout.split("\n").map((row) => row.split(/ {2,}/).toSpliced(3, 1).slice(1));
    expect(rows).toContainEqual(["books/all", "episode", "books.book", "shelf/d", "books:d", reason]);
    expect(rows).toContainEqual(["books/all", "episode", "books.book", "shelf/e", "books:e", reason]);
    expect(stdout).toMatch(/item +\S.* +- +unnamed-[0-9a-f]{16} +- +the connector yielded something that is not an episode/);
    const lines = (await run("dead-letters", "list", "--json")).stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ type: "episode", kind: "books.book", id: "shelf/d", subject: "books:d", reason }),
    );
  });

  /** The key of a letter whose episode has a day that does not exist. */
  async function impossibleDay(): Promise<string> {
    const occurred = "2024-02-30T00:00:00Z";
    const of = { type: "books.book", id: "d" };
    const stray = { subject: "books:d", kind: "books.book", text: "d", occurred_at: occurred, source: of, idempotency_key: "d" };
    Object.assign(globalThis, { booksStrays: [stray] });
    await run("sync", "books/all");
    const letters = (await run("dead-letters", "list", "--json")).stdout.trim().split("\n");
    const parsed = letters.map((line) => JSON.parse(line) as { key: string; type: string });
    return parsed.find(({ type }) => type === "episode")?.key ?? "none";
  }
  const question = () => Promise.reject(new Error("--yes is the answer"));
  const editWith = (key: string, editor: string) =>
    runHere(folder, ["dead-letters", "edit", key, "--yes"], { env: { VISUAL: "", EDITOR: editor }, question });

  test("edit opens $EDITOR where $VISUAL is empty", async () => {
    const edited = await editWith(await impossibleDay(), "sed -i.old s/2024-02-30/2024-02-28/");
    expect(edited).toMatchObject({ code: 0, stdout: "1 put back into the queue\n", stderr: "" });
  });

  test.each([
    ["that Statewave refuses", "sed -i.old s/2024-02-30/2024-02-31/", "2024-02-31"],
    ["that is no JSON", 'sed -i.old s/2024-02-30/\\"/', '""'],
    ["of an editor that fails", "sed -i.old s/2024-02-30/2024-02-28/ $1; false", "2024-02-28"],
  ])("an edit %s is kept in its file, which is named", async (_, editor, typed) => {
    const { code, stderr } = await editWith(await impossibleDay(), editor);
    expect(code).not.toBe(0);
    const [path = ""] = /\/\S+letter\.json/.exec(stderr) ?? [];
    expect(await readFile(path, "utf8")).toContain(typed);
    await rm(dirname(path), { recursive: true });
  });

  test("list shows the end of a long id in a terminal, and all of it in a pipe", async () => {
    const id = `${"very/".repeat(20)}long`;
    Object.assign(globalThis, {
      booksStrays: [
        { subject: "books:x", kind: "", text: "x", occurred_at: "", source: { type: "t", id }, idempotency_key: "x" },
      ],
    });
    await run("sync", "books/all");
    expect((await run("dead-letters", "list")).stdout).toContain(` ${id} `);
    let stdout = "";
    const wide = { isTTY: true, columns: 200, write: (text: string) => (stdout += text) };
    await runHere(folder, ["dead-letters", "list"], { stdout: wide });
    expect(stdout).toContain(` …${id.slice(-31)} `);
  });

  test("retry keeps an item that still cannot be mapped, and says why", async () => {
    await run("sync", "books/all");
    const { code, stdout, stderr } = await run("dead-letters", "retry", "1", "--yes");
    expect([code, stdout]).toEqual([1, "0 mapped and delivered, 1 kept\n"]);
    expect(stderr).toContain(
      'dead letter "1" is kept: item b of books/all still cannot be mapped: TypeError: book b has no title [INBOX_ITEM_UNMAPPED]\nhint: ',
    );
    expect((await run("dead-letters", "list")).stdout.trim().split("\n")).toHaveLength(3);
  });

  test("retry maps and delivers an item once its connector can, and it leaves the list", async () => {
    await run("sync", "books/all");
    Object.assign(globalThis, { booksCanMap: true });
    expect(await run("dead-letters", "retry", "--all", "--yes")).toMatchObject({ code: 0, stdout: "2 mapped and delivered\n" });
    expect(await delivered()).toEqual(["book a", "book b", "book c"]);
    expect(await run("dead-letters", "list")).toMatchObject({ stdout: "no dead letters\n" });
  });

  test("retry says that a connector cannot map single items", async () => {
    await run("sync", "books/all");
    Object.assign(globalThis, { booksParts: {} });
    const { code, stderr } = await run("dead-letters", "retry", "2", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("item c of books/all cannot be mapped again: connector books has no map()");
  });

  test.each(["retry", "discard"])("%s acts on the letters that exist, and reports the keys that name none", async (act) => {
    await run("sync", "books/all");
    Object.assign(globalThis, { booksCanMap: true });
    const { code, stdout, stderr } = await run("dead-letters", act, "1", "998", "999", "999", "--yes");
    expect(code).toBe(1);
    expect(stdout).toBe(act === "retry" ? "1 mapped and delivered\n" : "1 discarded\n");
    expect(stderr).toBe("2 of the keys name no dead letter\n");
  });

  test.each(["retry", "discard"])("%s counts the letters that exist before it waits for a confirmation", async (act) => {
    await run("sync", "books/all");
    expect(await run("dead-letters", act, "1", "998")).toMatchObject({
      code: 2,
      stderr: `error: this would ${act} 1 dead letter: pass --yes to confirm it\n`,
    });
    expect(await run("dead-letters", act, "998")).toMatchObject({ code: 1, stderr: 'there is no dead letter "998"\n' });
  });

  test.each(["retry", "discard"])("%s leaves in the audit log what each letter was, without what was buried", async (act) => {
    await run("sync", "books/all");
    await run("dead-letters", act, "1", "--yes");
    const [latest = ""] = (await run("audit", "--json")).stdout.split("\n");
    const letter = { key: "1", source: "books/all", type: "item", reason: expect.stringContaining("book b has no title") };
    expect(JSON.parse(latest)).toMatchObject({
      command: `dead-letters ${act}`,
      before: { letters: [{ ...letter, buried_at: expect.stringMatching(/^20.*Z$/) }] },
      after: act === "discard" ? { discarded: 1 } : { kept: [{ key: "1" }] },
    });
  });

  test("discard forgets an item", async () => {
    await run("sync", "books/all");
    expect(await run("dead-letters", "discard", "1", "--yes")).toMatchObject({ code: 0, stdout: "1 discarded\n" });
    expect((await run("dead-letters", "list")).stdout).not.toContain("book b");
  });
});

test("doctor names the rights that an entry needs and those it may use", async () => {
  const { stdout } = await run("doctor");
  expect(stdout).toContain(
    "pull books/all: nothing to check\n     needs: books:read (reading books)\n     may use: users:read (names)\n",
  );
  const findings = (await run("doctor", "--json")).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly rights?: unknown });
  expect(findings.find(({ rights }) => rights !== undefined)).toMatchObject({
    rights: [
      { name: "books:read", for: "reading books", optional: false },
      { name: "users:read", for: "names", optional: true },
    ],
  });
});
