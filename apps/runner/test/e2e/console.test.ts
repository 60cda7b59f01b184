import { expect, test } from "vitest";
import { configName, type Ending, makeWorkspace, slackSecret } from "./workspace.ts";
import { startFakeStatewave } from "@statewave-connectors/testing";
import { SlackSender } from "./slack-sender.ts";

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

test("an operator signs in to the page of the real program, retries a dead letter, and the command line sees who did", async (ending) => {
  const { statewave, workspace } = await configured(ending, `token = "${token}"\nconsole = true\nallow_actions = true`);
  statewave.setFaults([{ type: "refuse", marker: "mark:", as: "422" }]);
  const runner = await workspace.run();
  const [url, adminUrl] = [await runner.listening(), await runner.adminUrl()];
  await expect.poll(() => runner.stdout).toContain(`console: ${adminUrl}/console/`);
  const slack = new SlackSender();
  await slack.send(url, slack.declare(1)[0] ?? "");
  const signedIn = await fetch(`${adminUrl}/console/login`, formOf({ token, visitor: "Ana" }));
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const visit = async (path: string) => (await fetch(adminUrl + path, { headers: { cookie } })).text();
  await expect.poll(() => visit("/console/letters")).toContain('name="key"');
  const page = await visit("/console/letters");
  const [, form_token = ""] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
  const [, key = ""] = /name="key" value="([^"]+)"/.exec(page) ?? [];
  statewave.setFaults([]);
  const form = formOf({ form_token, key, action: "retry", confirmed: "yes" }, cookie);
  expect(await (await fetch(`${adminUrl}/console/letters/act`, form)).text()).toContain("1 put back into the queue");
  await expect.poll(() => statewave.episodes.length).toBe(1);
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
