import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { configName, type Ending, makeWorkspace, slackSecret } from "./workspace.ts";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { makeBackfillWorld } from "./backfill/backfill-world.ts";
import { SlackSender } from "./slack-sender.ts";
import { until } from "./until.ts";

const token = "console-t0ken-77aa";

async function configured(ending: Ending, admin: string) {
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  await workspace.write(
    configName,
    `[statewave]
url = "${statewave.url}"
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
[runner.state]
kind = "file"
[runner.admin]
listen = "127.0.0.1:0"
${admin}
[[push.slack]]
name = "team"
signing_secret = "${slackSecret}"
`,
  );
  return { statewave, workspace };
}

const formOf = (fields: Readonly<Record<string, string>>, cookie = "") => ({
  method: "POST",
  redirect: "manual" as const,
  headers: { "sec-fetch-site": "same-origin", cookie },
  body: new URLSearchParams(fields),
});

test.concurrent("an operator signs in to the page of the real program, retries a dead letter, and the command line sees who did", async (ending) => {
  const { statewave, workspace } = await configured(ending, `token = "${token}"\nconsole = true\nallow_actions = true`);
  statewave.setFaults([{ type: "refuse", marker: "mark:", as: "422" }]);
  const runner = await workspace.run();
  const [url, adminUrl] = [await runner.listening(), await runner.adminUrl()];
  await until("the address of the page is printed", () => runner.stdout.includes(`console: ${adminUrl}/console/`));
  const slack = new SlackSender();
  await slack.send(url, slack.declare(1)[0] ?? "");
  const signedIn = await fetch(`${adminUrl}/console/login`, formOf({ token, visitor: "Ana" }));
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const visit = async (path: string) => (await fetch(adminUrl + path, { headers: { cookie } })).text();
  await until("the page lists the dead letter", async () => (await visit("/console/letters")).includes('name="key"'));
  const page = await visit("/console/letters");
  const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
  const [, key = ""] = /name="key" value="([^"]+)"/.exec(page) ?? [];
  statewave.setFaults([]);
  const form = formOf({ form_token, key, action: "retry", confirmed: "yes" }, cookie);
  expect(await (await fetch(`${adminUrl}/console/letters/act`, form)).text()).toContain("1 put back into the queue");
  await until("the episode arrives", () => statewave.episodes.length > 0);
  expect(statewave.episodes).toHaveLength(1);
  const { stdout } = await workspace.command("audit", "--json");
  expect(JSON.parse(stdout.trim())).toMatchObject({
    command: "dead-letters retry",
    outcome: "done",
    as: "Ana, console",
    targets: [key],
  });
  expect(runner.stdout + runner.stderr + page).not.toContain(token);
  await runner.terminate();
});

test.concurrent("a backfill that a command follows is shown with its progress, and cancelled after a question", async (ending) => {
  const world = await makeBackfillWorld(ending);
  const { workspace } = world;
  const config = await readFile(workspace.path(configName), "utf8");
  const admin = '[runner.admin]\nlisten = "127.0.0.1:0"\nconsole = true\nallow_actions = true\n';
  await workspace.write(configName, config.replace("[connectors]", `${admin}[connectors]`));
  const runner = await workspace.run();
  const adminUrl = await runner.adminUrl();
  workspace.launch([...world.range(2_000), "--rate", "20", "--yes"]);
  const visit = async (path: string) => (await fetch(adminUrl + path)).text();
  const isShown = /running<[^]*ranged\/all[^]*<progress max="100" value="\d+"/;
  await until("the page shows how far the backfill is", async () => isShown.test(await visit("/console/backfills")));
  const page = await visit("/console/backfills");
  const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
  const [, id = ""] = /name="id" value="([^"]+)"/.exec(page) ?? [];
  const cancel = async (fields: Readonly<Record<string, string>>) =>
    (await fetch(`${adminUrl}/console/backfills/cancel`, formOf({ form_token, id, ...fields }))).text();
  expect(await cancel({})).toContain("It cannot be resumed.");
  expect(await world.backfills()).toMatchObject([{ status: "open" }]);
  expect(await cancel({ confirmed: "yes" })).toContain("<h1>Cancelled</h1>");
  expect(await world.backfills()).toMatchObject([{ id, status: "cancelled" }]);
  expect(await visit("/console/audit")).toContain("backfill cancel");
  expect(await cancel({ confirmed: "yes" })).toContain("PULL_BACKFILL_OVER");
});

test.concurrent("a new token ends the sessions of the old one without a restart", async (ending) => {
  const admin = (secret: string) => `token = "${secret}"\nconsole = true`;
  const { workspace } = await configured(ending, admin(token));
  const runner = await workspace.run();
  const adminUrl = await runner.adminUrl();
  const signIn = async (secret: string) => {
    const answer = await fetch(`${adminUrl}/console/login`, formOf({ token: secret }));
    return { status: answer.status, cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  };
  const { cookie } = await signIn(token);
  const status = async () => (await fetch(`${adminUrl}/console/`, { headers: { cookie }, redirect: "manual" })).status;
  expect(await status()).toBe(200);
  const config = await readFile(workspace.path(configName), "utf8");
  await workspace.write(configName, config.replace(token, "another-t0ken"));
  expect(await workspace.command("reload")).toMatchObject({ code: 0 });
  expect([await status(), (await signIn(token)).status, (await signIn("another-t0ken")).status]).toEqual([303, 401, 303]);
});
