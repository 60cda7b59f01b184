import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const guide = readFileSync(join(repository, "docs/guides/embed.md"), "utf8");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "embed-guide-")));
const condition = "@statewave-connectors/source";
const secrets = { SLACK_SIGNING_SECRET: "slack-secret", GITHUB_WEBHOOK_SECRET: "github-secret" };

/** Every file of the guide, by its name in the first line; the examples without a name are files, too. */
beforeAll(() => {
  const blocks = Array.from(guide.matchAll(/^```ts\n([^]*?)^```/gm), ([, block]) => block!);
  for (const [index, block] of blocks.entries()) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(block)?.[1] ?? `example-${index}.ts`;
    writeFileSync(join(folder, name), block);
  }
  const queue =
    'import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";\nexport const queue: InboxItem[] = [];\n';
  writeFileSync(join(folder, "queue.ts"), queue);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(join(repository, "apps/runner/node_modules"), join(folder, "node_modules"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the guide's programs type-check", { timeout: 120_000 }, () => {
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: [condition],
    typeRoots: [join(repository, "node_modules/@types")],
  };
  const config = { extends: join(repository, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(join(repository, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
});

describe.each(["hono", "express", "fastify"])("the server with %s", (framework) => {
  test("serves its own page, takes signed webhooks and delivers them", { timeout: 120_000 }, async () => {
    const statewave = await startFakeStatewave();
    onTestFinished(() => statewave.close());
    const url = await startServer(framework, statewave);

    expect(await textOf(fetch(url))).toBe("my own page");
    expect(await statusOf(fetch(`${url}/connectors/readyz`))).toBe(200);
    expect(await statusOf(fetch(`${url}/connectors/slack/team/events`, slackMessage("forged", "another-secret")))).toBe(401);
    expect(await statusOf(fetch(`${url}/connectors/slack/team/events`, slackMessage(`to ${framework}`)))).toBe(200);
    expect(await statusOf(fetch(`${url}/connectors/github/org/events`, githubIssue(`by ${framework}`)))).toBe(200);

    await vi.waitFor(
      () =>
        expect(textsOf(statewave)).toEqual([
          expect.stringContaining(`by ${framework}`),
          expect.stringContaining(`to ${framework}`),
        ]),
      {
        timeout: 60_000,
      },
    );
  });
});

test("the single receiver passes on genuine webhooks only, and maps them", { timeout: 60_000 }, async () => {
  const program = `
    import { handle, episodesOf } from "./receiver.ts";
    import { queue } from "./queue.ts";
    const { url, ...init } = JSON.parse(process.argv[2]);
    const answers = [await handle(new Request(url, init)), await handle(new Request(url, { method: "POST", body: "{}" }))];
    const texts = await Array.fromAsync(episodesOf(queue[0], new AbortController().signal), ({ text }) => text);
    console.log(JSON.stringify({ statuses: answers.map(({ status }) => status), stored: queue.length, texts }));
  `;
  writeFileSync(join(folder, "use-receiver.mjs"), program);
  const request = JSON.stringify({ url: "https://mine.example/hook", ...slackMessage("alone") });
  const { stdout, stderr } = spawnSync(process.execPath, [`--conditions=${condition}`, "use-receiver.mjs", request], {
    cwd: folder,
    env: { ...process.env, ...secrets },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ statuses: [200, 401], stored: 1, texts: [expect.stringContaining("alone")] });
});

/** Starts a program of the guide on a free port; answers its address. */
async function startServer(framework: string, statewave: FakeStatewave): Promise<string> {
  // The guide's runner keeps its state beside it, and each server needs one of its own.
  const runner = readFileSync(join(folder, "runner.ts"), "utf8");
  const own = join(folder, framework);
  mkdirSync(own);
  writeFileSync(join(own, "runner.ts"), runner);
  writeFileSync(join(own, `${framework}.ts`), readFileSync(join(folder, `${framework}.ts`)));
  const child = spawn(process.execPath, [`--conditions=${condition}`, `${framework}.ts`], {
    cwd: own,
    env: { ...process.env, ...secrets, STATEWAVE_URL: statewave.url, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return `http://127.0.0.1:${await portOf(child)}`;
}

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let stderr = "";
    child.stderr?.on("data", (text) => (stderr += String(text)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once("close", (code) => reject(new Error(`the program ended with ${code}:\n${stderr}`)));
  });
}

async function statusOf(response: Promise<Response>): Promise<number> {
  return (await response).status;
}

async function textOf(response: Promise<Response>): Promise<string> {
  return (await response).text();
}

function textsOf(statewave: FakeStatewave): readonly string[] {
  return statewave.episodes.map(({ payload }) => String((payload as { text?: unknown }).text)).toSorted();
}

function slackMessage(text: string, secret = secrets.SLACK_SIGNING_SECRET) {
  const seconds = Math.floor(Date.now() / 1000);
  const ts = `${seconds}.000100`;
  const body = JSON.stringify({
    type: "event_callback",
    team_id: "T0SAMPLE",
    event_id: `Ev${randomUUID().slice(0, 8)}`,
    event_time: seconds,
    event: { type: "message", channel: "C0SAMPLE", channel_type: "channel", user: "U0SAMPLE", text, ts, event_ts: ts },
  });
  const signature = createHmac("sha256", secret).update(`v0:${seconds}:${body}`).digest("hex");
  const headers = {
    "content-type": "application/json",
    "x-slack-request-timestamp": String(seconds),
    "x-slack-signature": `v0=${signature}`,
  };
  return { method: "POST", headers, body };
}

/** What GitHub sent once, with another title. */
function githubIssue(title: string) {
  const examples = "packages/connector-github/node_modules/@octokit/webhooks-examples/api.github.com/index.json";
  const all = JSON.parse(readFileSync(join(repository, examples), "utf8")) as {
    name: string;
    examples: { action?: string; issue?: { title: string } }[];
  }[];
  const opened = all.find(({ name }) => name === "issues")?.examples.find(({ action }) => action === "opened");
  const body = JSON.stringify({ ...opened, issue: { ...opened?.issue, title } });
  const signature = createHmac("sha256", secrets.GITHUB_WEBHOOK_SECRET).update(body).digest("hex");
  const headers = {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${signature}`,
  };
  return { method: "POST", headers, body };
}
