import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect } from "vitest";
import { SlackSender } from "../e2e/slack-sender.ts";
import { configName, type Ending, makeWorkspace, slackSecret } from "../e2e/workspace.ts";

export interface WantedWorld {
  /** Further sources that have not run yet. */
  readonly idleSources?: number;
  readonly token?: string;
}

const hostileName = "<img src=x onerror=alert(1)>";

/** The real program with its console, sources in several states, dead letters and an item that waits. */
export async function startConsoleWorld(ending: Ending, { idleSources = 0, token }: WantedWorld = {}) {
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  const idle = Array.from({ length: idleSources }, (_, index) =>
    pullOf(`team-${String(index).padStart(4, "0")}`, "./docs", "every 7d"),
  );
  await workspace.write(
    configName,
    `[statewave]
url = "${statewave.url}"
[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "1s"
[runner.state]
kind = "file"
[runner.admin]
listen = "127.0.0.1:0"
console = true
allow_actions = true
${token === undefined ? "" : `token = "${token}"`}
${pullOf("handbook", "./docs", "*/2 * * * * *")}
${pullOf("runbooks", "./docs", "every 15m")}
${pullOf("archive", "/srv/archive", "*/2 * * * * *")}
${idle.join("")}
[[push.slack]]
name = "team"
signing_secret = "${slackSecret}"
`,
  );
  for (const name of ["on-call", "releases", "holidays"]) await workspace.write(`docs/${name}.md`, `# ${name}\n\nAs agreed.\n`);
  await workspace.write("docs/hostile.md", `# ${hostileName}\n\nrefuse-me <script>alert(2)</script>\n`);
  statewave.setFaults([{ type: "refuse", marker: "refuse-me", as: "422" }]);
  const runner = await workspace.run();
  const slack = new SlackSender();
  const url = await runner.listening();
  for (const marker of slack.declare(12)) await slack.send(url, marker);
  const adminUrl = await runner.adminUrl();
  await expect.poll(() => statewave.episodes.length).toBeGreaterThan(12);
  return { adminUrl, statewave, workspace, runner, token };
}

function pullOf(name: string, path: string, schedule: string): string {
  return `[[pull.markdown]]\nname = "${name}"\npath = "${path}"\nschedule = "${schedule}"\n`;
}
