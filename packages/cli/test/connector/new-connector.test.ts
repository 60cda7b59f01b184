import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newConnector } from "../../src/commands/connector/new-connector.ts";
import { runCli, type Terminal } from "../../src/index.ts";

let folder: string;
let printed: { stdout: string; stderr: string };
let terminal: Terminal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "new-connector-"));
  printed = { stdout: "", stderr: "" };
  terminal = {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
    env: {},
    cwd: folder,
    onSignal: () => () => undefined,
    exit: () => undefined,
  };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const template = {
  "package.json": '{ "name": "statewave-connector-example", "description": "Example" }',
  "src/to-example.ts":
    'export const ExamplePull = { kind: "example", code: "EXAMPLE_X", word: "example.note", ...{ example: "u" } };',
};

test("writes the template with the kind in the place of its name, in every spelling", async () => {
  expect(await newConnector({ terminal } as never, "acme-crm", { template })).toBe(0);
  const target = join(folder, "statewave-connector-acme-crm");
  expect(readFileSync(join(target, "package.json"), "utf8")).toBe(
    '{ "name": "statewave-connector-acme-crm", "description": "Acme Crm" }',
  );
  expect(readFileSync(join(target, "src/to-acme-crm.ts"), "utf8")).toBe(
    'export const AcmeCrmPull = { kind: "acme-crm", code: "ACME_CRM_X", word: "acme_crm.note", ...{ example: "u" } };',
  );
  expect(printed.stdout).toContain('acme-crm = "./statewave-connector-acme-crm"');
});

test("writes into another folder where one is named", async () => {
  await newConnector({ terminal } as never, "acme", { template, folder: "connectors/acme" });
  expect(existsSync(join(folder, "connectors/acme/package.json"))).toBe(true);
});

test.each([
  ["pull", "src/pull.ts"],
  ["push", "src/receive.ts"],
] as const)("leaves out what only the other direction has, with %s only", async (only, own) => {
  const used = { pull: "openPull", push: "openPush" };
  const both = {
    "src/pull.ts": "p",
    "src/receive.ts": "r",
    "src/connector.ts": `import { openPull } from "./pull.ts";
import { openPush, type Sent } from "./receive.ts";

// #region pull
openPull();
// #endregion
// #region push
openPush();
// #endregion
`,
    "README.md":
      "```toml\n# #region pull\na = 1\n\n# #endregion\n# #region push\nb = 2\n# #endregion\n```\n\n# Example\n\n<!-- #region push -->\n\npush\n\n<!-- #endregion -->\n<!-- #region pull -->\n\npull\n\n<!-- #endregion -->\n",
  };
  await newConnector({ terminal } as never, "acme", { template: both, only });
  const target = join(folder, "statewave-connector-acme");
  expect(readdirSync(join(target, "src")).toSorted()).toEqual(["connector.ts", own.slice("src/".length)].toSorted());
  expect(readFileSync(join(target, "src/connector.ts"), "utf8")).toBe(
    `import { ${used[only]} } from "./${own.slice("src/".length)}";\n\n${used[only]}();\n`,
  );
  expect(readFileSync(join(target, "README.md"), "utf8")).toBe(
    `\`\`\`toml\n${only === "pull" ? "a = 1" : "b = 2"}\n\`\`\`\n\n# Acme\n\n${only}\n`,
  );
});

test("refuses both directions alone, and writes nothing", async () => {
  const args = ["new-connector", "acme", "--pull-only", "--push-only"];
  expect(await runCli({ args, version: "0.0.0", terminal, resolveFrom: [] })).toBe(2);
  expect(printed.stderr).toContain("cannot be used with option '--pull-only'");
  expect(readdirSync(folder)).toEqual([]);
});

test("touches no folder that exists", async () => {
  mkdirSync(join(folder, "statewave-connector-acme"));
  const made = newConnector({ terminal } as never, "acme", { template });
  await expect(made).rejects.toMatchObject({ code: "RUNNER_TEMPLATE_FOLDER_EXISTS" });
  expect(readdirSync(join(folder, "statewave-connector-acme"))).toEqual([]);
});

test.skipIf(!existsSync("/proc/self"))("refuses a place that takes no folder, and does not hang", async () => {
  const made = newConnector({ terminal } as never, "acme", { template, folder: "/proc/connectors/acme" });
  await expect(made).rejects.toMatchObject({
    code: "RUNNER_TEMPLATE_FOLDER_EXISTS",
    message: expect.stringContaining("/proc/connectors/acme cannot be created: ENOENT"),
  });
});

test.each(["Acme", "acme_crm", "acme--crm", "../acme", "sdk", "1acme", ""])(
  "refuses the kind %j and writes nothing",
  async (kind) => {
    const made = newConnector({ terminal } as never, kind, { template });
    await expect(made).rejects.toMatchObject({ code: "RUNNER_TEMPLATE_KIND_INVALID" });
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("ends with the exit code of wrong arguments for a word that can be no kind", async () => {
  const code = await runCli({ args: ["new-connector", "Acme"], version: "0.0.0", terminal, resolveFrom: [] });
  expect(code).toBe(2);
});

test("says in a checkout, which has no packed template, which command there is", async () => {
  const code = await runCli({ args: ["new-connector", "acme"], version: "0.0.0", terminal, resolveFrom: [] });
  expect(code).toBe(1);
  expect(printed.stderr).toMatch(/RUNNER_TEMPLATE_MISSING[^]*npm run new-connector -- <kind>/);
  expect(readdirSync(folder)).toEqual([]);
});
