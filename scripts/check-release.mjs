// Rehearses the next release in a clone of the last commit: versions, changelogs, the plan, the tarballs, and npm's dry run of publishing each.
// Nothing is written here, and nothing is published.
//
//   npm run check:release
//
// The packages must have been built: their dist/ is taken from here. Needs git, npm and the tools of this repository on PATH.
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./outside/commands.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "check-release-"));
const clone = join(work, "clone");
const packed = join(work, "packed");

try {
  cloneHere();
  const before = manifestsOf();
  run(clone, process.execPath, "scripts/write-first-releases.mjs");
  changeset("version");
  run(clone, process.execPath, "scripts/write-versions.mjs");
  checkVersions(before);
  changeset("publish-plan", "--output", join(work, "plan.json"));
  changeset("pack", "--from-publish-plan", join(work, "plan.json"), "--out-dir", packed);
  const tarballs = globSync("**/*.tgz", { cwd: packed });
  const tags = tagsByName();
  for (const tarball of tarballs) checkTarball(join(packed, tarball), tags);
  process.stdout.write(`${tarballs.length} packages can be published:\n`);
  for (const { name, version } of manifestsOf()) process.stdout.write(`  ${name} ${version}, tag ${tags.get(name)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function cloneHere() {
  run(work, "git", "clone", "--quiet", "--depth=1", `file://${root}`, clone);
  for (const dist of globSync("{packages,apps}/*/dist", { cwd: root }))
    cpSync(join(root, dist), join(clone, dist), { recursive: true });
}

/** With the clone's own tools: pnpm would change those of another folder. @param {string[]} args */
function changeset(...args) {
  run(clone, process.execPath, "scripts/with-toolchain.mjs", "changeset", ...args);
}

/** Of the public packages. @returns {readonly { name: string, version: string, folder: string }[]} */
function manifestsOf() {
  return globSync("{packages,apps}/*/package.json", { cwd: clone }).flatMap((path) => {
    const { name, version, private: isPrivate } = JSON.parse(readFileSync(join(clone, path), "utf8"));
    return isPrivate === true ? [] : [{ name, version, folder: join(clone, path, "..") }];
  });
}

/** What had no release gets its first, and every package whose version is raised says why. @param {ReturnType<typeof manifestsOf>} before */
function checkVersions(before) {
  const prerelease = existsSync(join(clone, ".changeset/pre.json"));
  const first = prerelease ? /^1\.0\.0-rc\.0$/ : /^1\.0\.0$/;
  for (const { name, version, folder } of manifestsOf()) {
    const old = before.find((each) => each.name === name)?.version;
    if (old === "0.0.0" && !first.test(version)) throw new Error(`the first version of ${name} would be ${version}`);
    if (old === version) continue;
    const changelog = readFileSync(join(folder, "CHANGELOG.md"), "utf8");
    if (!changelog.includes(`\n## ${version}\n`)) throw new Error(`the changelog of ${name} does not name ${version}`);
  }
}

/** The tag that each package would be published under. @returns {ReadonlyMap<string, string>} */
function tagsByName() {
  const { plan } = JSON.parse(readFileSync(join(work, "plan.json"), "utf8"));
  return new Map(plan.flat().map((/** @type {{ name: string, tag: string }} */ { name, tag }) => [name, tag]));
}

/** @param {string} tarball @param {ReadonlyMap<string, string>} tags */
function checkTarball(tarball, tags) {
  const text = run(work, "tar", "-xzOf", tarball, "package/package.json");
  const { name, publishConfig = {} } = JSON.parse(text);
  if (/"(workspace|catalog):/.test(text))
    throw new Error(`${name} would be published with a range that only this repository knows`);
  if (publishConfig.provenance !== true) throw new Error(`${name} would be published without provenance`);
  const files = run(work, "tar", "-tzf", tarball).split("\n");
  for (const file of ["package/README.md", "package/LICENSE", "package/dist/"])
    if (!files.some((each) => each.startsWith(file))) throw new Error(`${name} would be published without ${file}`);
  // Provenance is proved by the workflow that publishes; elsewhere npm refuses to try.
  run(
    work,
    "npm",
    "publish",
    tarball,
    "--dry-run",
    "--provenance=false",
    "--access=public",
    `--tag=${tags.get(name) ?? "latest"}`,
  );
}
