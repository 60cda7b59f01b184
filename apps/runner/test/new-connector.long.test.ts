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

test("refuses both directions alone", () => {
  expect(newConnector("acme", "--pull-only", "--push-only")).toMatchObject({ status: 2 });
});

describe("a new connector", () => {
  beforeAll(() => {
    for (const [kind, ...flags] of [["acme-crm"], ["acme-feed", "--pull-only"], ["acme-hook", "--push-only"]] as const) {
      const { status, output } = newConnector(kind, ...flags);
      if (status !== 0) throw new Error(output);
      // What `pnpm install` would link.
      const modules = join(repository, "packages/connector-example/node_modules");
      symlinkSync(modules, join(copy, `packages/connector-${kind}/node_modules`));
    }
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
    const files = ["README.md", "package.json", "src/connector.ts", "src/pull-options.ts", "src/to-episode.ts", "src/service.ts"];
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

  test.each([
    ["acme-feed", "pull", "push"],
    ["acme-hook", "push", "pull"],
  ] as const)("%s has its own direction and nothing of the other", (kind, own, other) => {
    const paths = readdirSync(join(copy, `packages/connector-${kind}`), { recursive: true, encoding: "utf8" });
    const files = paths.filter((path) => /\.(?:ts|md|json)$/.test(path) && !path.includes("node_modules"));
    const text = files.map((path) => read(`packages/connector-${kind}/${path}`)).join("\n");
    expect(text).toContain(`[[${own}.${kind}]]`);
    expect(text).not.toMatch(new RegExp(String.raw`\[\[${other}\.|^ {2}${other}: |#region|#endregion`, "m"));
    expect(files.filter((path) => path.includes(other))).toEqual([]);
    expect(read(`.changeset/connector-${kind}-first-release.md`)).toContain(`, ${own}ed.`);
  });

  test("type-checks, for both directions and for one", () => {
    const root = JSON.parse(read("tsconfig.json")) as object;
    const sources = ["crm", "feed", "hook"].flatMap((end) =>
      ["src", "test"].map((name) => `packages/connector-acme-${end}/${name}`),
    );
    const compilerOptions = { ...(root as { compilerOptions?: object }).compilerOptions, noUnusedLocals: true };
    writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ ...root, compilerOptions, include: sources }));
    expect(run(tool("tsc"), "-p", ".")).toEqual({ status: 0, output: "" });
  });

  test("passes its tests, for both directions and for one", () => {
    const { status, output } = run(tool("vitest"), "run", "--root", copy, "packages/connector-acme-");
    expect([status, output]).toEqual([0, expect.stringMatching(/acme-crm\/test\/conformance\.test\.ts/)]);
    for (const kind of ["acme-feed", "acme-hook"]) expect(output).toContain(`${kind}/test/conformance.test.ts`);
  });
});
