// Makes a connector outside this repository, as a third party would: from the packed tarballs, in a clean folder. There it installs, type-checks, passes its
// tests, builds, and loads by the name that `[connectors]` gives it.
//
//   node scripts/check-new-connector.mjs <folder with .tgz files>
//
// scripts/check-tarballs.mjs packs them and calls this. Needs npm and a recent Node on PATH.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error("usage: node scripts/check-new-connector.mjs <folder with .tgz files>");
const tarballs = resolve(given);
const work = mkdtempSync(join(tmpdir(), "check-new-connector-"));

/** Each package's own tarball, because none of these versions is published yet. @type {Readonly<Record<string, string>>} */
const local = Object.fromEntries(
  readdirSync(tarballs, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".tgz"))
    .map((file) => {
      const path = join(tarballs, file);
      const { name } = JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }));
      return [name, `file:${path}`];
    }),
);

try {
  const app = join(work, "app");
  mkdirSync(app);
  const dependencies = { "statewave-connectors": local["statewave-connectors"] };
  writeJson(join(app, "package.json"), { name: "app", private: true, type: "module", dependencies, overrides: local });
  npm(app, "install");
  const program = join(app, "node_modules/statewave-connectors/dist/main.js");
  run(app, process.execPath, program, "new-connector", "acme-crm");

  const connector = join(app, "statewave-connector-acme-crm");
  const manifestPath = join(connector, "package.json");
  const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
  const { "@statewave-connectors/connector-sdk": sdk, "@statewave-connectors/testing": testing } = local;
  Object.assign(manifest.dependencies, { "@statewave-connectors/connector-sdk": sdk });
  Object.assign(manifest.devDependencies, { "@statewave-connectors/testing": testing });
  writeJson(manifestPath, { ...manifest, overrides: local });
  npm(connector, "install");
  for (const script of ["check:types", "test", "build"]) npm(connector, "run", script);

  const config = join(app, "statewave-connectors.toml");
  const entry = '[[pull.acme-crm]]\nname = "team"\nschedule = "every 5m"\nbase_url = "https://acme.invalid"\ntoken = "t"\n';
  for (const named of ["./statewave-connector-acme-crm", "statewave-connector-acme-crm"]) {
    if (!named.startsWith(".")) npm(app, "install", connector);
    writeFileSync(config, `[statewave]\nurl = "stdout:"\n[connectors]\nacme-crm = "${named}"\n${entry}`);
    run(app, process.execPath, program, "validate-config", "--config", config);
  }
  process.stdout.write("a connector that is made outside the repository passes its tests, builds and loads by name\n");
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @param {string} cwd @param {string[]} args */
function npm(cwd, ...args) {
  run(cwd, "npm", ...args, "--no-audit", "--no-fund", "--loglevel=error");
}

/** @param {string} cwd @param {string} command @param {string[]} args */
function run(cwd, command, ...args) {
  try {
    execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe", timeout: 600_000 });
  } catch (error) {
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${command} ${args.join(" ")} failed in ${cwd}\n${stdout}${stderr}`, { cause: error });
  }
}

/** @param {string} path @param {unknown} value */
function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
