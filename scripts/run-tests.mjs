// Runs the tests with vitest.
//
//   node scripts/run-tests.mjs short|long|soak|deploy [paths and options of vitest...]
//
// With a path, the tests there run, long ones too. Runs with the repository's own tools on PATH: npm test, npm run test:long.
import { spawn } from "node:child_process";

/** The tests of a soak: errors everywhere, random kills, pauses and outages, and first syncs, for as long as the variables set. */
const soakPaths = [
  "e2e/soak.long",
  "several-processes/random-disturbances",
  "several-processes/dead-owner",
  "random-crashes",
  "runner/test/simulation",
  "first-sync.long",
  "large-desk.long",
];
const soakVariables = {
  SOAK_MINUTES: "30",
  E2E_SECONDS: "600",
  E2E_ROUNDS: "100",
  E2E_REAL_LEASE: "1",
  FIRST_SYNC_ITEMS: "100000",
  SIMULATION_SEEDS: "2000",
};

/** A program that cannot be provided is an error there, and a skipped test elsewhere. */
const deployVariables = { DEPLOY_PROGRAMS: "required" };

/** The projects are those of vitest.config.ts. @type {Readonly<Record<string, readonly string[]>>} */
const selections = {
  short: ["--project=short"],
  long: ["--project=long"],
  soak: soakPaths,
  deploy: ["--project=deploy"],
};

const [length = "", ...args] = process.argv.slice(2);
const selection = selections[length];
if (selection === undefined) {
  process.stderr.write("usage: node scripts/run-tests.mjs short|long|soak|deploy [paths and options of vitest...]\n");
  process.exitCode = 2;
} else {
  const hasPath = args.some((arg) => !arg.startsWith("-"));
  const env = { ...(length === "soak" && soakVariables), ...(length === "deploy" && deployVariables), ...process.env };
  const vitest = spawn("vitest", ["run", ...(hasPath ? [] : selection), ...args], { stdio: "inherit", env });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => vitest.kill(signal));
  vitest.once("error", (error) => {
    process.stderr.write(`could not start vitest: ${error.message}\n`);
    process.exitCode = 127;
  });
  vitest.once("exit", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}
