// Makes connectors outside this repository, as third parties would: from the packed tarballs, in a clean folder that imports nothing from here.
// There they install, type-check, pass their tests, build, and load by the name that `[connectors]` gives them. Those of
// apps/runner/test/fixtures/outside then run end to end with the installed program.
//
//   node scripts/check-new-connector.mjs <folder with .tgz files> [folder in which all of them are installed]
//
// scripts/check-tarballs.mjs packs them and calls this. Needs npm and a recent Node on PATH.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { npm, run, writeJson } from "./outside/commands.mjs";
import { layFixture, makeConnector } from "./outside/connector-package.mjs";
import { proveEndToEnd } from "./outside/end-to-end.mjs";
import { subjects } from "./outside/subjects.mjs";

const [given, installed] = process.argv.slice(2);
if (given === undefined) throw new Error("usage: node scripts/check-new-connector.mjs <folder with .tgz files> [installed app]");
const tarballs = resolve(given);
const work = mkdtempSync(join(tmpdir(), "check-new-connector-"));

const pullKeys = 'name = "team"\nschedule = "every 5m"\nbase_url = "https://acme.invalid"\ntoken = "t"\n';

/** The forms of the template, with an entry of each. */
const forms = [
  { kind: "acme-crm", flags: [], entry: `[[pull.acme-crm]]\n${pullKeys}` },
  { kind: "acme-feed", flags: ["--pull-only"], entry: `[[pull.acme-feed]]\n${pullKeys}` },
  { kind: "acme-hook", flags: ["--push-only"], entry: '[[push.acme-hook]]\nname = "team"\nsecret = "s"\n' },
];

const folderOf = (/** @type {{ kind: string } | undefined} */ form) => `statewave-connector-${form?.kind}`;

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
  const app = installed === undefined ? installApp(join(work, "app")) : resolve(installed);
  checkTemplate(app);
  installConnectors(app);
  checkLoadsByName(app);
  process.stdout.write(
    "connectors that are made outside the repository, for both directions or one, pass their tests, build and load by name\n",
  );
  for (const subject of subjects) {
    const startedMs = performance.now();
    await proveEndToEnd(app, subject);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stdout.write(`  ${subject.kind} loses and doubles nothing outside the repository (${seconds} s)\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @param {string} app */
function installApp(app) {
  mkdirSync(app);
  writeJson(join(app, "package.json"), { name: "app", private: true, type: "module", dependencies: local, overrides: local });
  npm(app, "install");
  return app;
}

/** The template in each form, with nothing but what its manifest names: the same for all, so that one install serves them. @param {string} app */
function checkTemplate(app) {
  const [whole = "", ...others] = forms.map(({ kind, flags }) => makeConnector(app, kind, local, flags));
  npm(whole, "install");
  for (const other of others) symlinkSync(join(whole, "node_modules"), join(other, "node_modules"));
  for (const folder of [whole, ...others]) for (const script of ["check:types", "test", "build"]) npm(folder, "run", script);
}

/** The third parties' connectors, installed beside the program by one install. @param {string} app */
function installConnectors(app) {
  const folders = subjects.map(({ kind, dependencies }) => {
    const folder = makeConnector(app, kind, local);
    layFixture(folder, kind, dependencies);
    return folder;
  });
  const path = join(app, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  writeJson(path, { ...manifest, workspaces: subjects.map(({ kind }) => `statewave-connector-${kind}`) });
  npm(app, "install", `./${folderOf(forms[0])}`);
  for (const form of forms.slice(1)) symlinkSync(join(app, folderOf(form)), join(app, "node_modules", folderOf(form)));
  for (const folder of folders) for (const script of ["check:types", "test", "build"]) npm(folder, "run", script);
}

/** @param {string} app */
function checkLoadsByName(app) {
  const config = join(app, "statewave-connectors.toml");
  for (const form of forms) {
    for (const named of [`./${folderOf(form)}`, folderOf(form)]) {
      writeFileSync(config, `[statewave]\nurl = "stdout:"\n[connectors]\n${form.kind} = "${named}"\n${form.entry}`);
      run(app, process.execPath, "node_modules/statewave-connectors/dist/main.js", "validate-config", "--config", config);
    }
  }
}
