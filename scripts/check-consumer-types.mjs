// Compiles a program that imports every entry of the packages, with each TypeScript and each way of resolving that users have. The
// libraries' own declarations are checked too; only faults in those of other houses are left out.
//
//   node scripts/check-consumer-types.mjs <folder in which the packages are installed>
//
// scripts/check-tarballs.mjs calls this. Needs npm.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { attempt, npm, writeJson } from "./outside/commands.mjs";

const compilers = { 5.9: "npm:typescript@5.9.3", "6.0": "npm:typescript@6.0.3", "7.0": "npm:typescript@7.0.2" };
const resolutions = { nodenext: "nodenext", bundler: "preserve" };

const embedding = `
import { loadConfig } from "@statewave-connectors/config";
import { defineConnector, isConnectorsError, type Episode } from "@statewave-connectors/connector-sdk";
import { createRunner, type Runner } from "@statewave-connectors/runner";

export async function start(): Promise<Runner> {
  const { config, connectors } = await loadConfig({ configPath: "./statewave-connectors.toml" });
  const runner = await createRunner({ config, connectors });
  await runner.start();
  return runner;
}

export const codeOf = (error: unknown): string | undefined => (isConnectorsError(error) ? error.code : undefined);
export const textOf = ({ text }: Episode): string => text;
export const define: typeof defineConnector = defineConnector;
`;

const [given] = process.argv.slice(2);
if (given === undefined)
  throw new Error("usage: node scripts/check-consumer-types.mjs <folder in which the packages are installed>");
const app = resolve(given);
const tools = mkdtempSync(join(tmpdir(), "check-consumer-types-"));
const consumer = join(app, "consumer");

try {
  const names = Object.entries(compilers).map(([version, from]) => [`typescript-${version}`, from]);
  const devDependencies = { ...Object.fromEntries(names), "@types/node": "^24" };
  writeJson(join(tools, "package.json"), { name: "tools", private: true, devDependencies });
  npm(tools, "install");
  mkdirSync(consumer);
  const entries = writeConsumer();
  for (const version of Object.keys(compilers)) for (const name of Object.keys(resolutions)) check(version, name);
  process.stdout.write(
    `${entries} entries have types for TypeScript ${Object.keys(compilers).join(", ")}, with each resolution\n`,
  );
} finally {
  rmSync(tools, { recursive: true, force: true });
  rmSync(consumer, { recursive: true, force: true });
}

/** A program that uses what users use first, and names every entry. Answers how many there are. */
function writeConsumer() {
  const { dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  const names = Object.keys(dependencies).filter((name) => /^@?statewave-connectors\b/.test(name));
  const entries = names.flatMap((name) => {
    const { exports = {} } = JSON.parse(readFileSync(join(app, "node_modules", name, "package.json"), "utf8"));
    return Object.keys(exports)
      .filter((key) => key !== "./package.json")
      .map((key) => name + key.slice(1));
  });
  const imports = entries.map((entry, at) => `import * as entry${at} from ${JSON.stringify(entry)};`);
  const used = entries.map((_, at) => `entry${at}`).join(", ");
  writeFileSync(join(consumer, "entries.ts"), `${imports.join("\n")}\nexport const entries: readonly object[] = [${used}];\n`);
  writeFileSync(join(consumer, "embed.ts"), embedding);
  writeJson(join(consumer, "package.json"), { name: "consumer", private: true, type: "module" });
  return entries.length;
}

/** @param {string} version @param {string} resolution */
function check(version, resolution) {
  writeJson(join(consumer, "tsconfig.json"), {
    compilerOptions: {
      module: resolutions[/** @type {keyof typeof resolutions} */ (resolution)],
      moduleResolution: resolution,
      target: "es2024",
      lib: ["es2024"],
      types: ["node"],
      typeRoots: [join(tools, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    },
  });
  const tsc = join(tools, "node_modules", `typescript-${version}`, "bin/tsc");
  const { code, stdout } = attempt(consumer, process.execPath, tsc, "-p", ".", "--pretty", "false");
  const faults = stdout.split("\n").filter((line) => /error TS\d+/.test(line));
  const ours = faults.filter((line) => !/node_modules\/(?!@?statewave-connectors\b)/.test(line));
  if (ours.length > 0 || (code !== 0 && faults.length === 0))
    throw new Error(`TypeScript ${version} with ${resolution} finds faults:\n${ours.slice(0, 20).join("\n") || stdout}`);
  const others = faults.length === 0 ? "" : `; ${faults.length} faults in declarations of other packages`;
  process.stdout.write(`  TypeScript ${version}, ${resolution}: no fault${others}\n`);
}
