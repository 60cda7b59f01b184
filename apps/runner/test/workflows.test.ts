import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const workflows = globSync(".github/workflows/*.{yml,yaml}", { cwd: root });
const files = [...workflows, ...globSync(".github/actions/*/action.{yml,yaml}", { cwd: root })];
const linesOf = (path: string) => read(path).split("\n");

/** The text of each job, which begins with its name. */
function jobsOf(path: string): readonly string[] {
  const jobs = read(path).split(/^jobs:$/m)[1] ?? "";
  return jobs.split(/^ {2}(?=[\w-]+:$)/m).slice(1);
}

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
  const jobs = jobsOf(path);
  expect(jobs.length).toBeGreaterThan(0);
  for (const job of jobs) expect(job).toMatch(/^ {4}timeout-minutes: \d+$[\s\S]*^ {4}permissions:$/m);
});

test("the tests of deploy/ run as root, without whom some of them cannot", () => {
  const runs = workflows.flatMap(linesOf).filter((line) => line.includes("test:deploy"));
  expect(runs.map((line) => line.trim())).toEqual(['- run: sudo -E env "PATH=$PATH" npm run test:deploy']);
});

test.each(workflows)("%s checks out without leaving a credential behind", (path) => {
  const text = read(path);
  const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
  expect(text.match(/persist-credentials: false/g) ?? []).toHaveLength(checkouts.length);
});

test("every job that runs .ci/run has all of the history: tests start the programs of earlier commits", () => {
  const jobs = workflows.flatMap(jobsOf).filter((text) => /^ +- run: \.ci\/run$/m.test(text));
  expect(jobs.map((text) => text.split(":", 1)[0])).toEqual(expect.arrayContaining(["check", "pack"]));
  for (const job of jobs) expect(job).toMatch(/uses: actions\/checkout@[^]*? fetch-depth: 0\n[^]*run: \.ci\/run/);
});

test("a run that failed without a failed test ends with its log", () => {
  const logs = mkdtempSync(join(tmpdir(), "ci-run-"));
  onTestFinished(() => rmSync(logs, { recursive: true }));
  const functions = read(".ci/run").match(/^print_(?:failed_tests|reason)\(\) \{$[^]*?^\}$/gm) ?? [];
  const reasonOf = (testResults: readonly object[]) => {
    writeFileSync(join(logs, "tests.json"), JSON.stringify({ testResults }));
    writeFileSync(join(logs, "tests.log"), "Unhandled error: the socket is gone\n");
    return execFileSync("bash", ["-c", `${functions.join("\n")}\nprint_reason tests`], {
      env: { ...process.env, logs },
      encoding: "utf8",
    });
  };
  const file = { name: "a.test.ts", status: "passed", message: "", assertionResults: [] };
  expect(reasonOf([file])).toBe("\n--- tests failed:\nUnhandled error: the socket is gone\n");
  expect(reasonOf([{ ...file, status: "failed", message: "no import" }])).toBe(
    "\n--- tests failed:\nFAILED a.test.ts\nno import\n",
  );
});

/** What may be given to a job, and the jobs that have it. */
test.each([
  ["packages", "image"],
  ["attestations", "image"],
  ["pull-requests", "version"],
  ["id-token", "publish", "image"],
  ["contents", "version", "publish"],
])("of all jobs, no others may write %s than %s %s", (right, ...jobs) => {
  const writers = workflows.flatMap((path) => jobsOf(path).filter((text) => text.includes(`${right}: write`)));
  expect(writers.map((text) => text.split(":", 1)[0])).toEqual(jobs);
});

test("the image is attested by its digest in the job that pushes it, behind the packages", () => {
  const image = jobsOf(".github/workflows/publish.yml").find((text) => text.startsWith("image:"));
  expect(image).toContain("needs: publish");
  expect(image).toContain("file: deploy/docker/Dockerfile");
  expect(image).toMatch(
    /attest-build-provenance@[^]*subject-digest: \$\{\{ steps\.push\.outputs\.digest \}\}\n +push-to-registry: true/,
  );
  expect(image).toMatch(/sbom: true\n +provenance: mode=max/);
});

describe("the image", () => {
  const steps = (
    parse(read(".github/workflows/publish.yml")) as {
      jobs: { image: { steps: readonly { id?: string; name?: string; run?: string; uses?: string }[] } };
    }
  ).jobs.image.steps;
  const stepOf = (name: string) => steps.findIndex((step) => step.id === name || step.name === name);

  /** Runs a step as the workflow does, with a `docker` that answers so. */
  function runStep(name: string, docker: string, env: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), "workflow-step-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const output = join(folder, "output");
    writeFileSync(output, "");
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
    const path = `${folder}:${process.env["PATH"]}`;
    const script = steps[stepOf(name)]?.run ?? "exit 9";
    const { status, stdout } = spawnSync("bash", ["-e", "-c", script], {
      env: { ...env, PATH: path, GITHUB_OUTPUT: output },
      encoding: "utf8",
    });
    return { status, stdout, output: readFileSync(output, "utf8") };
  }

  test.for([
    ["is left as it is when it is released", "echo 'Name: r/i:1.2.3'", 0, "found=true\n"],
    ["is made when the registry has no such tag", "echo 'ERROR: r/i:1.2.3: not found' >&2; exit 1", 0, ""],
    ["is neither when the registry fails", "echo 'ERROR: unexpected status: 503 Service Unavailable' >&2; exit 1", 1, ""],
  ] as const)("%s", ([, docker, status, output]) => {
    expect(runStep("existing", docker, { TAG: "r/i:1.2.3" })).toMatchObject({ status, output });
  });

  test("has its tags once it is attested, that of the version last", () => {
    expect(stepOf("Give it its tags")).toBeGreaterThan(
      steps.findIndex(({ uses }) => uses?.startsWith("actions/attest-build-provenance@") === true),
    );
    expect(read(".github/workflows/publish.yml")).toContain("push-by-digest=true");
    const env = { IMAGE: "r/i", TAGS: "r/i:1.2.3,r/i:1.2,r/i:latest", VERSION_TAG: "r/i:1.2.3", DIGEST: "sha256:ab" };
    const { status, stdout } = runStep("Give it its tags", 'echo "$@"', env);
    expect(status).toBe(0);
    const created = ["r/i:1.2", "r/i:latest", "r/i:1.2.3"].map((tag) => `buildx imagetools create --tag ${tag} r/i@sha256:ab\n`);
    expect(stdout).toBe(created.join(""));
    expect(runStep("Give it its tags", '[ "$5" = r/i:latest ] && exit 1; echo "$@"', env).status).toBe(1);
  });
});

test("no tag that moves leads to the image of a prerelease", async () => {
  const { imageTags } = (await import(new URL("../../../scripts/image-tags.mjs", import.meta.url).href)) as {
    readonly imageTags: (image: string, version: string) => readonly string[];
  };
  expect(imageTags("r/i", "1.2.3")).toEqual(["r/i:1.2.3", "r/i:1.2", "r/i:1", "r/i:latest"]);
  expect(imageTags("r/i", "1.0.0-rc.0")).toEqual(["r/i:1.0.0-rc.0"]);
  expect(() => imageTags("r/i", "latest")).toThrow('"latest" is no version');
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
