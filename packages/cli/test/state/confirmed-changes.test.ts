import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHere } from "../run-here.ts";

const source = "markdown/docs";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-confirmed-"));
  await configure("one");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each sink is another server. */
async function configure(sink: string): Promise<void> {
  const head = `[statewave]\nurl = "file:./${sink}.jsonl"\n[runner.state]\nkind = "file"\npath = "./state/cursors.json"\n`;
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n';
  await writeFile(join(folder, "statewave-connectors.toml"), head + entry);
}

const run = (...args: readonly string[]) => runHere(folder, args);
const cursor = async () => (await run("state", "get", source)).stdout.trim();

/** Runs a command and answers its question; returns the questions, too. */
async function answering(answer: string, ...args: readonly string[]) {
  const questions: string[] = [];
  const question = async (text: string) => {
    questions.push(text);
    return answer;
  };
  return { ...(await runHere(folder, args, { question })), questions };
}

async function storeSecret(): Promise<void> {
  const stored = { scope: `secret/pull/${source}`, key: "refresh-token", value: '{"v":1,"plain":"t0ken"}' };
  await writeFile(join(folder, "export.json"), JSON.stringify({ version: 1, sources: [], records: [stored] }));
  await run("state", "import", "export.json", "--with-secrets", "--yes");
}

const changes = [
  {
    args: ["set", source, "mine", "--force"],
    what: "set the cursor of markdown/docs, which has none",
    prepare: async () => undefined,
  },
  { args: ["set", source, "other", "--force"], what: "replace the cursor of markdown/docs", prepare: () => run("sync", source) },
  {
    args: ["delete", source],
    what: "forget the cursor of markdown/docs, so that its next run reads from the beginning",
    prepare: () => run("sync", source),
  },
  { args: ["delete-secrets", source], what: "forget 1 stored value of markdown/docs", prepare: storeSecret },
  {
    args: ["adopt"],
    what: "keep 1 cursor of another sink, so that nothing before is sent to the configured one",
    prepare: async () => {
      await run("sync", source);
      await configure("two");
    },
  },
];

test.each(changes)("state $args.0 says what it would change, and changes nothing without an answer", async (change) => {
  const { args, what, prepare } = change;
  await writeFile(join(folder, "page.md"), "# A page\n\nWith a sentence.\n");
  await prepare();
  const before = await cursor();
  const refused = await run("state", ...args);
  expect(refused).toMatchObject({ code: 2, stderr: `error: this would ${what}: pass --yes to confirm it\n` });
  expect(await answering("n", "state", ...args)).toMatchObject({ code: 1, questions: [`This will ${what}. Continue? [y/N] `] });
  expect(await cursor()).toBe(before);
  expect((await run("audit")).stdout).not.toContain(`state ${args[0]}`);
  expect(await run("state", ...args, "--yes", "--as", "Ana")).toMatchObject({ code: 0 });
  expect((await run("audit")).stdout).toMatch(new RegExp(`Ana .*state ${args[0]} `));
});

test("no command waits for an answer where nothing would change", async () => {
  expect(await answering("n", "state", "delete", source)).toMatchObject({ code: 1, questions: [] });
  expect(await answering("n", "state", "delete-secrets", source)).toMatchObject({ code: 1, questions: [] });
  expect(await answering("n", "state", "adopt")).toMatchObject({ code: 0, questions: [] });
});

test.each(["pause", "resume"])("%s acts at once, and takes --yes", async (act) => {
  expect(await answering("n", act, source)).toMatchObject({ code: 0, questions: [] });
  expect(await run(act, source, "--yes")).toMatchObject({ code: 0 });
});
