/**
 * What importing costs: node --conditions=@statewave-connectors/source bench/import-costs.ts [rounds]
 *
 * Each module in fresh processes: median processor time of its import, and what the resident memory grew by.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { describeMachine } from "./lib/machine.ts";
import { median } from "./lib/pairs.ts";

const rounds = Number(process.argv[2] ?? 7);
const script = `
// What the first import in a process costs is not this module's.
await import("node:http");
const rss = process.memoryUsage().rss;
const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify([(user + system) / 1000, process.memoryUsage().rss - rss]));`;
/** What the runner depends on is looked up from there. */
const fromRunner = createRequire(new URL("../packages/runner/package.json", import.meta.url));
const modules = ["prom-client", "undici"];

console.log(describeMachine());
for (const name of modules) {
  const specifier = pathToFileURL(fromRunner.resolve(name)).href;
  const measured = Array.from({ length: rounds }, () => {
    // Without type stripping, whose compiler would be loaded for the script and counted.
    const args = ["--no-experimental-strip-types", "--input-type=module", "--eval", script, specifier];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as [ms: number, bytes: number];
  });
  const [ms, bytes] = [median(measured.map((run) => run[0])), median(measured.map((run) => run[1]))];
  console.log(
    `${name.padEnd(20)} ${ms.toFixed(1).padStart(6)} ms of processor time, ${(bytes / 1024 ** 2).toFixed(1).padStart(6)} MiB`,
  );
}
