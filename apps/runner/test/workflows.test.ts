import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const workflows = globSync(".github/workflows/*.{yml,yaml}", { cwd: root });
const files = [...workflows, ...globSync(".github/actions/*/action.{yml,yaml}", { cwd: root })];
const linesOf = (path: string) => read(path).split("\n");

test("the workflows and actions are found", () => {
  expect(workflows.length).toBeGreaterThanOrEqual(2);
  expect(files.length).toBeGreaterThan(workflows.length);
});

test.each(files)("%s uses actions of others only by the hash of a commit, with the version beside it", (path) => {
  const used = linesOf(path).flatMap((line) => /^\s*-? *uses: *(.+)$/.exec(line)?.[1] ?? []);
  const foreign = used.filter((name) => !name.startsWith("./"));
  expect(foreign.filter((name) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(name))).toEqual([]);
  const local = used.filter((name) => name.startsWith("./"));
  expect(local.filter((name) => !existsSync(`${root}${name}/action.yml`))).toEqual([]);
});

test.each(files)("%s installs no package that is not pinned by a hash", (path) => {
  const installing = /\b(npx|npm (?:i|install|exec|x)|pnpm (?:add|dlx)|corepack|yarn|curl|wget)\b/;
  expect(linesOf(path).filter((line) => installing.test(line))).toEqual([]);
});

test.each(workflows)("%s grants nothing by default, and each job has a time limit and its own rights", (path) => {
  const text = read(path);
  expect(text).toMatch(/^permissions: \{\}$/m);
  const jobs =
    text
      .split(/^jobs:$/m)[1]
      ?.split(/^ {2}(?=[\w-]+:$)/m)
      .slice(1) ?? [];
  expect(jobs.length).toBeGreaterThan(0);
  for (const job of jobs) expect(job).toMatch(/^ {4}timeout-minutes: \d+$[\s\S]*^ {4}permissions:$/m);
});

test.each(workflows)("%s checks out without leaving a credential behind", (path) => {
  const text = read(path);
  const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
  expect(text.match(/persist-credentials: false/g) ?? []).toHaveLength(checkouts.length);
});

test("the version of pnpm is one everywhere, and pinned by a hash where it is downloaded", () => {
  const { version, programs } = JSON.parse(read("scripts/pnpm/hashes.json")) as {
    version: string;
    programs: Record<string, string>;
  };
  const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string };
  expect(packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+\+sha512\.[0-9a-f]{128}$/);
  expect(packageManager.startsWith(`pnpm@${version}+`)).toBe(true);
  expect(read("pnpm-workspace.yaml")).toContain(`\n  pnpm: ${version}\n`);
  expect(read("CONTRIBUTING.md")).toContain(`pnpm@${version} install`);
  // What the workflows run on.
  expect(programs["linux-x64"]).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
});

test("updates are proposed by a bot for everything that is pinned, and every path has an owner", () => {
  const bot = read(".github/dependabot.yml");
  for (const ecosystem of ["github-actions", "npm"]) expect(bot).toContain(`package-ecosystem: ${ecosystem}`);
  expect(linesOf(".github/CODEOWNERS").some((line) => /^\* +@\S+\/\S+$/.test(line))).toBe(true);
});
