import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { runHere } from "../run-here.ts";
import { commandIn, shellLines } from "./shell-blocks.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-guides-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function configure(statewaveUrl: string, more = ""): Promise<void> {
  const head = `[statewave]\nurl = "${statewaveUrl}"\n[runner.state]\nkind = "file"\n`;
  const entry = '[[pull.markdown]]\nname = "docs"\nschedule = "every 1h"\npath = "."\n';
  await writeFile(join(folder, "statewave-connectors.toml"), head + entry + more);
}

/** Runs the commands of a page that begin so, as an operator would who answers each question with yes. */
async function runAll(page: string, beginning: RegExp) {
  const ended = [];
  for (const line of shellLines(page)) {
    const words = commandIn(line);
    if (words === undefined || !beginning.test(words.join(" "))) continue;
    ended.push({ line, ...(await runHere(folder, words, { question: async () => "y" })) });
  }
  return ended;
}

test("every command of the guide to erasing runs as it is written", async () => {
  const statewave = await startFakeStatewave();
  onTestFinished(() => statewave.close());
  await configure(statewave.url);
  const ended = await runAll("guides/erase-a-subject.md", /./);
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test("the command of the guide to notices sends a message to each of them", async () => {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(request.method ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  await configure("file:./episodes.jsonl", `[[notify]]\nname = "ops"\nurl = "http://127.0.0.1:${port}/hook"\n`);
  const [ended] = await runAll("guides/notices.md", /./);
  expect(ended?.stdout).not.toMatch(/^FAIL notify/m);
  expect(received).toEqual(["POST"]);
});

test("commands for the first file write it as it is shown, with its schema, and complete the words of a shell", async () => {
  const ended = await runAll("reference/setup-commands.md", /^(init --yes|schema|completion)/);
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ended.map(() => ({ code: 0, stderr: "" })));
  expect(ended).toHaveLength(3);
  expect(await readdir(folder)).toEqual(
    expect.arrayContaining(["statewave-connectors.toml", "statewave-connectors.schema.json"]),
  );
});
