import type { InferOutput } from "valibot";
import type { RawEntry } from "./check-entries.ts";
import type { runnerTable } from "../schema/runner-table.ts";
import { parseListenAddress } from "../schema/listen-address.ts";
import type { ProblemList } from "./problems.ts";
import { receiverPath } from "../result/receiver-path.ts";
import { formatPath } from "../toml/toml-path.ts";

type RunnerTable = InferOutput<typeof runnerTable>;

/** Two listeners at one address: one of them would never be reached, or the start would fail. */
export function checkAddresses(runner: RunnerTable, pushEntries: readonly RawEntry[], problems: ProblemList): void {
  const { path } = runner.metrics;
  const receiver = pushEntries.find(({ kind, table }) => path === receiverPath(kind, String(table["name"])));
  if (receiver !== undefined) {
    const message = `${path} is the path of the receiver ${formatPath(receiver.at)}`;
    problems.add(["runner", "metrics", "path"], message, "choose another one, such as /metrics");
  }
  if (runner.admin.console && `${path}/`.startsWith("/console/")) {
    const message = `${path} is a path of the page for operators, which is served at /console/`;
    problems.add(["runner", "metrics", "path"], message, "choose another one, such as /metrics");
  }
  const admin = parseListenAddress(runner.admin.listen ?? "");
  if (admin === undefined || admin.port === 0 || admin.port !== runner.port || !overlaps(admin.host, runner.host)) return;
  problems.add(
    ["runner", "admin", "listen"],
    `port ${admin.port} is the port of the webhooks`,
    "choose another one, such as 9464",
  );
}

const everyAddress = new Set(["0.0.0.0", "::"]);

function overlaps(left: string, right: string): boolean {
  return left === right || everyAddress.has(left) || everyAddress.has(right) || mayMean(left, right) || mayMean(right, left);
}

/** The hosts file decides which of the two `localhost` is. */
function mayMean(name: string, address: string): boolean {
  return name.toLowerCase() === "localhost" && (address === "127.0.0.1" || address === "::1");
}
