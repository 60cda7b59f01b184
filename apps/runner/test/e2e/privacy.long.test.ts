import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, configText, type Ending, type Workspace } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

const webhookSecret = "e2e-webhook-secret";
// Put together here, so that no scanner of repositories takes it for a real one.
const token = ["gh", "p_", "s3NtInEl7f3a9cQw8RtYuI2oP4aSdFgHjKl6"].join("");
const address = "sentinel.person@customer-acme.com";
const phone = "+49 170 5550142";
const card = "4111 1111 1111 1111";
const badge = "E-471147";
const sentinels = [token, token.slice(4), address, "sentinel.person", phone, "5550142", card, card.replaceAll(" ", ""), badge];
const told = `My token is ${token}, mail ${address}, call ${phone}, card ${card}, badge ${badge}.`;

const privacy = `
[privacy]
redact = ["secrets", "email", "phone", "card"]
[[privacy.rule]]
name = "badge"
pattern = '\\bE-\\d{6}\\b'
`;

const repository = { id: 4711, full_name: "acme/widgets", html_url: "https://github.com/acme/widgets", has_issues: true };
const issue = (number: number, text: string) => ({
  id: 9_000 + number,
  number,
  title: `The gasket leaks, says ${address}`,
  body: text,
  state: "open",
  html_url: `https://github.com/acme/widgets/issues/${number}`,
  user: { login: "mona", id: 1, type: "User" },
  author_association: "NONE",
  labels: [{ name: `asked by ${address}` }],
  comments: 0,
  created_at: "2026-01-02T03:04:05Z",
  updated_at: "2026-01-02T03:04:05Z",
});

/** A GitHub with one repository and these issues. */
async function startGithub({ onTestFinished }: Ending, issues: readonly unknown[]): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const path = url.split("?", 1)[0]!;
    const body = path === "/repos/acme/widgets" ? repository : path === "/repos/acme/widgets/issues" ? issues : [];
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const entries = (url: string, more = "") => `${privacy}
[[pull.github]]
name = "widgets"
schedule = "0 0 1 1 *"
repo = "acme/widgets"
include = ["issues"]
base_url = "${url}"
${more}
[[push.github]]
name = "hook"
secret = "${webhookSecret}"
${more}
`;

async function makePrivateWorld(test: Ending, text: string, more?: string): Promise<World> {
  const world = await makeWorld(test);
  const url = await startGithub(test, [issue(1, text)]);
  const config = configText({ statewaveUrl: world.statewave.url, runner: 'log_level = "debug"', entries: entries(url, more) });
  await world.workspace.write(configName, config.replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"'));
  return world;
}

async function sendWebhook(runner: RunnerProcess, payload: unknown, delivery: string): Promise<number> {
  const body = JSON.stringify(payload);
  const signature = createHmac("sha256", webhookSecret).update(body).digest("hex");
  const headers = {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": delivery,
    "x-hub-signature-256": `sha256=${signature}`,
  };
  return (await fetch(`${await runner.listening()}/github/hook/events`, { method: "POST", body, headers })).status;
}

function expectNoSentinel(text: string, where: string): void {
  const found = sentinels.filter((sentinel) => text.includes(sentinel));
  expect(found, `in ${where}`).toEqual([]);
}

/** Everything that a command prints. */
async function shown(workspace: Workspace, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await workspace.command(...args);
  return stdout + stderr;
}

it("the text of an issue, by pull and by webhook, reaches neither Statewave nor a log nor a dry run", async (test) => {
  const world = await makePrivateWorld(test, told);
  const { workspace, statewave } = world;
  const dryRun = await shown(workspace, "sync", "github/widgets", "--dry-run", "--json");
  expect(dryRun).toContain("[redacted: email]");
  expectNoSentinel(dryRun, "the dry run without a runner");

  const runner = await workspace.run();
  expectNoSentinel(await shown(workspace, "sync", "github/widgets", "--dry-run"), "the dry run through the runner");
  const synced = await shown(workspace, "sync", "github/widgets");
  expect(synced).toContain("1 of 1 episodes delivered");
  expect(
    await sendWebhook(runner, { action: "opened", issue: issue(2, told), repository, sender: { login: "mona" } }, "d-2"),
  ).toBe(200);
  await until("both are delivered", () => statewave.episodes.length === 2);

  const stored = JSON.stringify(statewave.episodes);
  for (const rule of ["secrets", "email", "phone", "card", "badge"]) expect(stored).toContain(`[redacted: ${rule}]`);
  expectNoSentinel(stored, "Statewave");
  expectNoSentinel(runner.stdout + runner.stderr + synced, "what the runner printed");
  expect(runner.stderr).toContain('"level":"debug"');
});

it("a dead letter is stored as it was received, shown redacted, and retried redacted", async (test) => {
  const world = await makePrivateWorld(test, `${told} REFUSE-ME`);
  const { workspace, statewave } = world;
  statewave.setFaults([{ type: "refuse", marker: "REFUSE-ME", as: "422", times: 1 }]);
  const runner = await workspace.run();
  expect(await shown(workspace, "sync", "github/widgets")).toContain("1 buried");
  const broken = { action: "opened", issue: { ...issue(3, told), number: `no number, ${told}` }, repository, sender: null };
  expect(await sendWebhook(runner, broken, "d-3")).toBe(200);
  await until("both are dead letters", async () => sumOf(await runner.metrics(), "statewave_runner_dead_letters") === 2);

  const check = async (where: string) => {
    const list = await shown(workspace, "dead-letters", "list", "--json");
    expectNoSentinel(list, `the list, ${where}`);
    expectNoSentinel(await shown(workspace, "dead-letters", "list"), `the list for people, ${where}`);
    const keys = list
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly key: string }).key);
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const letter = await shown(workspace, "dead-letters", "show", key);
      expect(letter).toContain("[redacted: email]");
      expectNoSentinel(letter, `letter ${key}, ${where}`);
    }
  };
  await check("through the runner");
  await shown(workspace, "dead-letters", "retry", "--all", "--source", "github/widgets", "--yes");
  await until("the refused one is delivered", () => statewave.episodes.length === 1);
  expectNoSentinel(JSON.stringify(statewave.episodes), "Statewave");
  expectNoSentinel(runner.stdout + runner.stderr, "what the runner printed");
});

it("an entry has rules of its own, and what it lists replaces the rules for all", async (test) => {
  const world = await makePrivateWorld(test, told, 'redact = ["email"]');
  const dryRun = await shown(world.workspace, "sync", "github/widgets", "--dry-run", "--json");
  expect(dryRun).toContain("[redacted: email]");
  expect(dryRun).toContain(phone);
  expect(dryRun).toContain(badge);
  expect(dryRun).not.toContain(address);
});

it("validation names a rule that is not there, a pattern that is none, and subjects that are addresses", async (test) => {
  const world = await makeWorld(test);
  const { workspace, statewave } = world;
  const write = (tables: string) => workspace.write(configName, configText({ statewaveUrl: statewave.url, entries: tables }));
  await write('[privacy]\nredact = ["emial"]\n[[privacy.rule]]\nname = "x"\npattern = "a(?=b)"\n');
  const { code, stderr } = await workspace.command("validate-config");
  expect(code).toBe(3);
  expect(stderr).toContain("did you mean email?");
  expect(stderr).toContain("privacy.rule[0].pattern");

  await write(
    '[privacy]\nredact = ["email"]\n[[pull.markdown]]\nname = "mail"\nschedule = "every 1h"\npath = "./docs"\nsubject = "person:bob@acme.com"\n',
  );
  const valid = await workspace.command("validate-config");
  expect(valid.code).toBe(0);
  expect(valid.stderr).toContain("warning: the subjects of markdown/mail are e-mail addresses, which are not redacted");
});
