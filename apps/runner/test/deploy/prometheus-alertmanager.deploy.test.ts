import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { githubSecret, startFakeGithub } from "../e2e/fake-github-process.ts";
import { fill, mountSmallDisk } from "../e2e/full-disk.ts";
import type { RunnerProcess } from "../e2e/runner-process.ts";
import { SlackSender } from "../e2e/slack-sender.ts";
import { startTlsPostgres } from "../e2e/tls-postgres.ts";
import { until } from "../e2e/until.ts";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "../e2e/workspace.ts";
import { dashboardQueries } from "./dashboard-queries.ts";
import { deployFolder, describeWithProgram, readDeployed, runProgram, skipsWithout } from "./deploy-folder.ts";
import { startWatching } from "./watching-world.ts";

const rulesFolder = join(deployFolder, "prometheus");

/** All alerts of `deploy/prometheus/alerts.yml`. */
function ruleNames(): readonly string[] {
  const { groups } = parse(readDeployed("prometheus/alerts.yml")) as {
    groups: readonly { rules: readonly { alert: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
}

/** A runner with a twin of a receiver, a receiver that gets nothing, and a source that cannot be read. */
async function makeTroubledWorld(ending: Ending) {
  const github = await startFakeGithub(ending, "--issues", "5", "--comments", "2");
  const statewave = await startFakeStatewave();
  ending.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(ending);
  const entries = `${github.entry.replace("every 1s", "every 2s")}
[[push.github]]
name = "hook"
secret = "${githubSecret}"
include_bots = true
pull = "widgets"

[[pull.markdown]]
name = "missing"
schedule = "every 1s"
path = "./nowhere"
`;
  const configure = (statewaveUrl: string) =>
    workspace.write(configName, `${configText({ statewaveUrl, entries })}\n[runner.inbox]\nmax_depth = 3\n`);
  await configure(statewave.url);
  await workspace.write("docs/note.md", "# Note\n\nmark:doc-000001\n");
  return { github, statewave, workspace, configure };
}

/** Panels of what nothing in the test has caused by the time of the queries: no webhook was answered, and no item skipped. */
const mayBeEmpty = new Set(["Duration of answers, 95 %", "Skipped and failed items in an hour"]);

/** A configuration on Postgres with a source whose provider keeps a watch for half a day. */
async function writeEndingSource(workspace: Workspace, postgresUrl: string, statewaveUrl: string): Promise<void> {
  const entries = `
[connectors]
ending = "./ending-connector.mjs"

[[pull.ending]]
name = "box"
schedule = "every 1h"
`;
  const text = configText({ statewaveUrl, state: "postgres", entries });
  await workspace.write(configName, text.replace('kind = "postgres"', `kind = "postgres"\nurl = "${postgresUrl}"`));
  await workspace.write("ending-connector.mjs", endingConnector);
}

const endingConnector = `export const connector = {
  kind: "ending",
  version: "1.0.0",
  pull: {
    config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    open: () => ({
      async *pages() { yield { episodes: [], cursor: "1" }; },
      async maintain() { return { expiresAtMs: Date.now() + 12 * 60 * 60_000, warnBeforeMs: 0 }; },
    }),
  },
};
`;

/** The program from its source, into which a defect is written. */
function startDefective(workspace: Workspace): RunnerProcess {
  const defect = new URL("lost-count.mjs", import.meta.url);
  return workspace.launch(["run"], { NODE_OPTIONS: `--import=${defect.href}` }, new URL("../../src/main.ts", import.meta.url));
}

describeWithProgram("promtool", "promtool", () => {
  test("accepts the configuration and the rules", () => {
    for (const args of [
      ["check", "config", "--syntax-only", "prometheus.yml"],
      ["check", "rules", "alerts.yml"],
    ])
      expect(spawnSync("promtool", args, { cwd: rulesFolder, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  test("each rule fires and stays silent as its unit tests say", () => {
    expect(runProgram("promtool", ["test", "rules", join(rulesFolder, "alerts.test.yml")])).toMatchObject({ status: 0 });
  });
});

describeWithProgram("prometheus-alertmanager", "a real Prometheus and Alertmanager", () => {
  describe("over a real runner", () => {
    it("every alert is sent to its receiver once its cause is there, and every query of the dashboard has an answer", async (ending) => {
      const { github, statewave, workspace, configure } = await makeTroubledWorld(ending);
      const obstacle = mountSmallDisk(workspace, ending);
      ending.skip(skipsWithout(obstacle), obstacle);
      const watching = await startWatching(workspace, ending);
      const slack = new SlackSender();
      const fires = (name: string) => watching.fires(`StatewaveConnectors${name}`);
      const start = async (): Promise<RunnerProcess> => {
        const runner = await workspace.run();
        watching.scrape(await runner.adminUrl());
        return runner;
      };

      // A source that cannot be read, a receiver without webhooks, and a webhook to a wrong path.
      statewave.setFaults([{ type: "refuse", marker: "mark:doc-000001", as: "422" }]);
      const first = await start();
      const url = await first.listening();
      await fires("PullErrors");
      await fires("SourceUnhealthy");
      await fires("DeadLetters");
      await fires("PushIdle");
      await fetch(`${url}/slack/nobody/events`, { method: "POST", body: "{}" });
      await fires("PushMisrouted");

      const checked = spawnSync("promtool", ["check", "metrics"], { input: await first.metrics(), encoding: "utf8" });
      // Three gauges of prom-client end in `_total`; dashboards of others rely on their names.
      const faults = checked.stderr.split("\n").filter((line) => !/^(nodejs_active_\w+_total .*)?$/.test(line));
      expect(faults).toEqual([]);
      for (const { panel, expr } of dashboardQueries()) {
        const series = () => watching.query(expr);
        if (mayBeEmpty.has(panel)) await series();
        else await until(`the panel "${panel}" shows something`, async () => (await series()).length > 0);
      }

      // Statewave is down: webhooks wait until the inbox is full, and cursors stand.
      statewave.setFaults([{ type: "status", status: 503 }]);
      await github.act("addIssue");
      await until("a webhook is refused", async () => {
        await slack.sendMany(url, 3);
        return slack.lastRefusal !== undefined;
      });
      for (const name of ["SinkDown", "InboxOld", "InboxRefuses", "PullStale", "CursorStands"]) await fires(name);
      statewave.setFaults([]);
      await fires("DuesMissed");

      // The disk is full.
      fill(workspace.path("state", "ballast"));
      for (const name of ["StoreUnwritable", "NotReady"]) {
        await slack.sendMany(url, 1);
        await fires(name);
      }
      rmSync(workspace.path("state", "ballast"));

      // The process dies. After the restart a webhook does not arrive, and its twin finds the event.
      await first.kill();
      await fires("Down");
      const second = await start();
      await second.logged("read the twin for what push may have missed");
      await until("the counter is scraped", async () => (await watching.query("statewave_runner_healed_total")).length > 0);
      await github.act("addIssue");
      await fires("PushHealed");
      await second.terminate();

      // Another Statewave.
      const other = await startFakeStatewave();
      ending.onTestFinished(() => other.close());
      await configure(other.url);
      const third = await start();
      await fires("ForeignCursors");
      await third.terminate();

      // A Postgres whose certificate is valid for two days, and a source whose watch ends before its time.
      const postgres = await startTlsPostgres(ending);
      await writeEndingSource(workspace, `${postgres.url}?sslrootcert=${postgres.certificateFile}`, statewave.url);
      const fourth = await start();
      for (const name of ["StoreCertificateExpires", "WatchEnds"]) await fires(name);
      await fourth.terminate();

      // A runner with a defect.
      await configure(statewave.url);
      await workspace.write("docs/miscounted.md", "# Miscounted\n");
      const defective = startDefective(workspace);
      watching.scrape(await defective.adminUrl());
      await fires("RunsUnbalanced");
      expect(defective.stderr).toContain("PULL_ACCOUNT_WRONG");

      const sent = new Set(watching.received.map(({ labels }) => labels["alertname"]));
      expect(sent).toEqual(new Set(ruleNames()));
    });
  });
});
