import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { freePort } from "@statewave-connectors/testing/servers";
import { until } from "../e2e/until.ts";
import type { Ending, Workspace } from "../e2e/workspace.ts";
import { readDeployed } from "./deploy-folder.ts";

interface ReceivedAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A real Prometheus and Alertmanager with the rules of `deploy/`, and what their receiver got. */
export interface WatchingWorld {
  /** The alerts that were sent, the latest last. */
  readonly received: readonly ReceivedAlert[];
  /** Scrapes a runner's admin address from now on. */
  scrape(adminUrl: string): void;
  /** Evaluates an expression; throws what Prometheus says against it. */
  query(expression: string): Promise<readonly unknown[]>;
  /** Waits until an alert was sent. */
  fires(alert: string): Promise<ReceivedAlert>;
}

/** The rules, in a hurry: an hour would be long for a test. Names, metrics and comparisons stay. */
function hastened(rules: string): string {
  return rules
    .replaceAll(/^( +for:) \S+.*$/gm, "$1 0s")
    .replaceAll(/\[\d+[mh]\]/g, "[20s]")
    .replaceAll(/> (?:900|86400)\b/g, "> 1")
    .replaceAll("< 3600", "< 1");
}

/** Starts both on free ports; they end with the test. */
export async function startWatching(workspace: Workspace, ending: Ending): Promise<WatchingWorld> {
  const received: ReceivedAlert[] = [];
  const receiver = await startReceiver(received, ending);
  const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
  mkdirSync(workspace.path("watching"));
  const write = (name: string, text: string) => writeFileSync(workspace.path("watching", name), text);
  write("targets.json", "[]");
  write("alerts.yml", hastened(readDeployed("prometheus/alerts.yml")));
  write(
    "prometheus.yml",
    `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [alerts.yml]
scrape_configs:
  - job_name: statewave-connectors
    file_sd_configs: [{ files: [targets.json], refresh_interval: 1s }]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanagerPort}"] }] }] }
`,
  );
  write(
    "alertmanager.yml",
    `route: { receiver: test, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: test, webhook_configs: [{ url: "${receiver}", send_resolved: true }] }]
`,
  );
  const at = (name: string) => workspace.path("watching", name);
  startProgram("prometheus-alertmanager", ending, [
    `--config.file=${at("alertmanager.yml")}`,
    `--storage.path=${at("alertmanager")}`,
    `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
    "--cluster.listen-address=",
  ]);
  startProgram("prometheus", ending, [
    `--config.file=${at("prometheus.yml")}`,
    `--storage.tsdb.path=${at("prometheus")}`,
    `--web.listen-address=127.0.0.1:${prometheusPort}`,
  ]);
  const prometheus = `http://127.0.0.1:${prometheusPort}`;
  for (const url of [prometheus, `http://127.0.0.1:${alertmanagerPort}`])
    await until(`${url} is ready`, () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  return {
    received,
    scrape: (adminUrl) => write("targets.json", JSON.stringify([{ targets: [new URL(adminUrl).host] }])),
    query: (expression) => query(prometheus, expression),
    fires: (alert) =>
      until(`${alert} is sent`, () =>
        received.findLast(({ status, labels }) => status === "firing" && labels["alertname"] === alert),
      ),
  };
}

async function query(prometheus: string, expression: string): Promise<readonly unknown[]> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const answer = (await response.json()) as { status: string; error?: string; data?: { result: readonly unknown[] } };
  const { error = "no reason" } = answer;
  if (answer.status !== "success") throw new Error(`${expression}: ${error}`);
  return answer.data?.result ?? [];
}

async function startReceiver(received: ReceivedAlert[], { onTestFinished }: Ending): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      received.push(...(JSON.parse(body) as { readonly alerts: readonly ReceivedAlert[] }).alerts);
      response.end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function startProgram(program: string, { onTestFinished }: Ending, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
