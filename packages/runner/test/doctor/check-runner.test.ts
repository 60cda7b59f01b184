import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { ControlServer } from "../../src/control/socket/control-server.ts";
import { controlSocketPlaces } from "../../src/control/socket/socket-path.ts";
import type { Operations } from "../../src/control/operations/operations.ts";
import { checkRunner } from "../../src/doctor/check-runner.ts";
import { withForeignCursors } from "../../src/health/describe-parts.ts";
import type { HealthReport } from "../../src/health/health-report.ts";

test.each([
  ["ok", undefined],
  ["degraded", "the running runner's sink is degraded: it is down"],
] as const)("cursors of another sink that were found in the state are not reported once more (sink %s)", async (status, left) => {
  const folder = mkdtempSync(join(tmpdir(), "check-runner-"));
  const input = { statewave: { url: "stdout:" }, runner: { state_dir: folder } };
  const { config } = await parseConfig(input, { baseDir: folder, resolveFrom: [import.meta.url] });
  const ok = { status: "ok", detail: "well" } as const;
  const sink = withForeignCursors({ status, detail: "it is down" }, [{ source: "notes/a", sinks: ["http://former"] }]);
  const report: HealthReport = { ready: true, store: ok, inbox: ok, sink, receivers: { ...ok, paths: [] }, sources: ok };
  const operations: Partial<Operations> = { listState: async () => [], health: async () => report };
  const server = await ControlServer.listen(controlSocketPlaces(config)[0], async () => operations as Operations, silentLogger);
  try {
    const alone = (await checkRunner(config)).map(({ message }) => message);
    expect(alone).toEqual([expect.stringContaining("the cursors of notes/a belong to another sink")]);
    const beside = await checkRunner(config, { hasForeignCursors: true });
    expect(beside.map(({ message }) => message)).toEqual([left ?? "a runner is running and ready"]);
  } finally {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
