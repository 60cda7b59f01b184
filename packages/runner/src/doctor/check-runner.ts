import type { ConnectorsConfig } from "@statewave-connectors/config";
import { connectFirst, silentRunner } from "../control/socket/control-client.ts";
import { controlSocketPlaces } from "../control/socket/socket-path.ts";
import type { HealthPart } from "../health/health-report.ts";
import type { Finding } from "../checks/finding.ts";
import type { StateCheck } from "./check-state.ts";

/** The health of a runner that holds this state on this machine; no finding when none is running. Throws `RUNNER_CONTROL_SILENT` when it does not answer. */
export async function checkRunner(
  config: ConnectorsConfig,
  { hasForeignCursors = false }: Pick<StateCheck, "hasForeignCursors"> = {},
): Promise<readonly Finding[]> {
  let silentAt: string | undefined;
  const runner = await connectFirst(controlSocketPlaces(config), { onSilent: (path) => (silentAt = path) });
  if (runner === undefined && silentAt !== undefined) throw silentRunner(silentAt);
  const report = await runner?.health();
  if (report === undefined) return [];
  const parts: readonly (readonly [string, HealthPart])[] = [
    ["store", report.store],
    ["inbox", report.inbox],
    // A state that other processes share was looked at itself, and says more of its cursors.
    ["sink", hasForeignCursors ? (report.sink.delivery ?? report.sink) : report.sink],
  ];
  const troubles = parts.filter(([, { status }]) => status === "degraded" || status === "down");
  if (troubles.length === 0 && report.ready) return [{ ok: true, message: "a runner is running and ready" }];
  if (troubles.length === 0) return [{ ok: false, message: "a runner is running, but not ready for webhooks" }];
  return troubles.map(([name, { status, detail }]) => ({
    ok: false,
    message: `the running runner's ${name} is ${status}: ${detail}`,
  }));
}
