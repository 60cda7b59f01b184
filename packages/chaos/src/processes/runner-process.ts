// A runner of a trial as a process: the product's own runner on a store that writes a journal, with a clock that can be set.
import { parseConfig } from "@statewave-connectors/config";
import { loadAdapter, searchPlaces } from "@statewave-connectors/config/adapters";
import type { Clock } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { createRunner, type Runner } from "@statewave-connectors/runner";
import { chaosConnector } from "../load/connector.ts";
import { witnessed } from "../witness/witnessed-cursor-store.ts";
import type { RunnerSettings, ToRunner } from "./protocol.ts";
import { endWithParent, report, reportStalls } from "./report-to-parent.ts";

let aheadMs = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };

process.on("message", (message: ToRunner) => {
  if (message.type === "set-clock") aheadMs = message.aheadMs;
  else void start(message.settings);
});
endWithParent();
reportStalls();

async function start(settings: RunnerSettings): Promise<void> {
  try {
    const runner = await open(settings);
    process.once("SIGTERM", () => void runner.stop().then(() => process.exit(0)));
    await runner.start();
    report({ type: "listening", url: runner.describe().url ?? "" });
  } catch (error) {
    report({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.disconnect();
  }
}

async function open({ config: input, baseDir, resolveFrom, journalFolder, leaseTtlMs }: RunnerSettings): Promise<Runner> {
  const connectors = [chaosConnector(journalFolder)];
  const { config } = await parseConfig(input, { baseDir, resolveFrom, connectors, name: "the configuration of the trial" });
  const { kind } = config.runner.state;
  const openStore = await loadAdapter({ role: "cursor-store", kind, from: searchPlaces(baseDir, { resolveFrom }) });
  const openWitnessed: OpenCursorStore = async (options, context) => witnessed(await openStore(options, context), journalFolder);
  return createRunner({ config, connectors, cursorStores: { [kind]: openWitnessed }, resolveFrom, leaseTtlMs, clock });
}
