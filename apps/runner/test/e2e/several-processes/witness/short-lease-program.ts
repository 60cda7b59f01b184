// `run` with a lease of E2E_LEASE_TTL_MS, through the option that embedders have: a test cannot wait for half a minute again and again.
import { loadConfig } from "@statewave-connectors/config";
import { createRunner } from "@statewave-connectors/runner";

const configPath = process.argv[process.argv.indexOf("--config") + 1] ?? "";
const main = new URL("../../../../src/main.ts", import.meta.url).href;
const { config, connectors } = await loadConfig({ configPath, resolveFrom: [main] });
const leaseTtlMs = Number(process.env["E2E_LEASE_TTL_MS"]);
const runner = await createRunner({ config, connectors, resolveFrom: [main], leaseTtlMs });
const stopped = new Promise<void>((resolve, reject) => {
  process.once("SIGTERM", () => void runner.stop().then(resolve, reject));
});
const keepAlive = setInterval(() => undefined, 60_000);
await runner.start();
await stopped;
clearInterval(keepAlive);
