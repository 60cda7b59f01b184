import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "new-connector-"));
const folder = join(copy, "packages/connector-acme-crm");

/** What the script needs of the repository, and what the checks of its result need. */
beforeAll(() => {
  const leftOut = new Set(["node_modules", "dist", ".turbo"]);
  const filter = (path: string) => !leftOut.has(basename(path));
  const copied = ["package.json", "scripts", "packages/connector-example", "apps/runner/package.json", "vitest.config.ts"];
  for (const path of [...copied, "tsconfig.json", "tsconfig.base.json", "tsconfig.build.json"]) {
    cpSync(join(repository, path), join(copy, path), { recursive: true, filter });
  }
  mkdirSync(join(copy, ".changeset"));
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  for (const name of readdirSync(join(repository, "packages"))) {
    if (name !== "connector-example") symlinkSync(join(repository, "packages", name), join(copy, "packages", name));
  }
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The test run around this one is not the business of a run inside. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_OPTIONS$|^TEST$/.test(name)));

function run(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, env, encoding: "utf8", timeout: 120_000 });
  return { status, output: `${stdout}${stderr}` };
}

const tool = (name: string) => join(repository, "node_modules/.bin", name);
const newConnector = (...args: readonly string[]) =>
  run(process.execPath, join(copy, "scripts/new-connector.mjs"), "--files-only", ...args);

test.each([
  ["no kind at all", []],
  ["capitals", ["Feed"]],
  ["an underscore", ["acme_crm"]],
  ["a dash too many", ["acme--crm"]],
  ["a path", ["../feed"]],
  ["the contracts' name", ["sdk"]],
  ["a folder that exists", ["github"]],
])("refuses %s and writes nothing", (_, args) => {
  const before = readdirSync(join(copy, "packages"));
  const { status, output } = newConnector(...args);
  expect([status, output.split("\n").length]).toEqual([2, 2]);
  expect(readdirSync(join(copy, "packages"))).toEqual(before);
});

describe("a new connector", () => {
  beforeAll(() => {
    const { status, output } = newConnector("acme-crm");
    if (status !== 0) throw new Error(output);
    // What `pnpm install` would link.
    symlinkSync(join(repository, "packages/connector-example/node_modules"), join(folder, "node_modules"));
  });

  const read = (path: string) => readFileSync(join(copy, path), "utf8");

  test("is a public package, known to the app and to the next release", () => {
    const manifest = JSON.parse(read("packages/connector-acme-crm/package.json")) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: "@statewave-connectors/connector-acme-crm" });
    expect(manifest).not.toHaveProperty("private");
    expect(JSON.parse(read("apps/runner/package.json"))).toHaveProperty(
      ["dependencies", "@statewave-connectors/connector-acme-crm"],
      "workspace:^",
    );
    expect(read(".changeset/connector-acme-crm-first-release.md")).toContain('"@statewave-connectors/connector-acme-crm": minor');
  });

  test("says its own name everywhere", () => {
    const files = ["README.md", "package.json", "src/connector.ts", "src/pull-options.ts", "src/to-episode.ts", "src/client.ts"];
    const text = files.map((file) => read(`packages/connector-acme-crm/${file}`)).join("\n");
    expect(text).not.toMatch(/example(?!: ")/i);
    for (const word of [
      "AcmeCrmPull",
      "ACME_CRM_RATE_LIMITED",
      `codePrefix: "ACME_CRM"`,
      "[[pull.acme-crm]]",
      "acme_crm.note.written",
      'kind: "acme-crm"',
    ]) {
      expect(text).toContain(word);
    }
    expect(existsSync(join(folder, "test/conformance.test.ts"))).toBe(true);
  });

  test("has its options in its README, as its schema describes them", () => {
    const script = join(copy, "scripts/generate-readme-options.mjs");
    const folderName = "packages/connector-acme-crm";
    const before = read(`${folderName}/README.md`);
    expect(before).toContain("<!-- options of [[pull.acme-crm]], ");
    expect(run(process.execPath, "--conditions=@statewave-connectors/source", script, folderName)).toEqual({
      status: 0,
      output: "",
    });
    expect(read(`${folderName}/README.md`)).toBe(before);
  });

  test("type-checks", () => {
    const root = JSON.parse(read("tsconfig.json")) as object;
    writeFileSync(
      join(copy, "tsconfig.json"),
      JSON.stringify({ ...root, include: ["src", "test"].map((name) => join(folder, name)) }),
    );
    expect(run(tool("tsc"), "-p", ".")).toEqual({ status: 0, output: "" });
  });

  test("passes its tests", () => {
    const { status, output } = run(tool("vitest"), "run", "--root", copy, "packages/connector-acme-crm");
    expect([status, output]).toEqual([0, expect.stringMatching(/acme-crm\/test\/conformance\.test\.ts/)]);
  });
});
