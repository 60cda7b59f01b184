// Runs the simulation for some seeds, and prints what each found; ends with 1 when a promise did not hold.
//
//   npm run simulate -- [--seed <first>] [--seeds <how many>]
import { parseArgs } from "node:util";
import { runSimulation } from "./run-simulation.ts";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, seeds: { type: "string", default: "1" } } });
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const { violations, fingerprint, events, counts } = await runSimulation(seed);
  process.stdout.write(`${JSON.stringify({ seed, events, fingerprint, ...counts, violations })}\n`);
  if (violations.length === 0) continue;
  process.exitCode = 1;
  break;
}
