import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../src/index.ts";
import { type AdapterRequest, loadAdapter, loadConnectors } from "../src/adapters/index.ts";
import { fixtures, loadText, problemsOf, temporaryFolder } from "./load-text.ts";

/** Writes files below a fresh folder and answers it. */
function layOut(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const connector = (kind: string, version: string) => `
const config = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
export const connector = { kind: "${kind}", version: "${version}", pull: { config, open: () => ({}) } };`;

/** An installed package. */
const installed = (name: string, code: string, manifest: object = { exports: { ".": { default: "./index.js" } } }) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", type: "module", ...manifest }),
  [`node_modules/${name}/index.js`]: code,
});

const load = (kind: string, from: readonly string[], override?: string) =>
  loadAdapter({ role: "connector", kind, from, override });
const versionOf = async (kind: string, from: readonly string[], override?: string) => (await load(kind, from, override)).version;

test.each([2, 0])(
  "a connector made for contract %s of connectors is a problem of the file, in one sentence",
  async (contract) => {
    const folder = layOut(installed("statewave-connector-a", `${connector("a", "1")} connector.contract = ${contract};`));
    const text = '[statewave]\nurl = "stdout:"\n[[pull.a]]\nname = "x"\nschedule = "every 1h"';
    const problems = await problemsOf(loadText(text, { cwd: folder }));
    expect(problems).toMatchObject([
      { message: `connector a 1 is made for connector contract ${contract}, this release works with contract 1` },
    ]);
  },
);

describe("a package is found", () => {
  test("under our scope, else under the name for others", async () => {
    const folder = layOut({
      ...installed("@statewave-connectors/connector-both", connector("both", "scoped")),
      ...installed("statewave-connector-both", connector("both", "other")),
      ...installed("statewave-connector-third", connector("third", "other")),
    });
    expect(await versionOf("both", [folder])).toBe("scoped");
    expect(await versionOf("third", [folder])).toBe("other");
  });

  test("from the first place that has it, above the place too", async () => {
    const [near, far] = [
      layOut({ ...installed("statewave-connector-a", connector("a", "near")), "deep/er/x": "" }),
      layOut({
        ...installed("statewave-connector-a", connector("a", "far")),
        ...installed("statewave-connector-b", connector("b", "far")),
      }),
    ];
    expect(await versionOf("a", [join(near, "deep/er"), far])).toBe("near");
    expect(await versionOf("b", [join(near, "deep/er"), far])).toBe("far");
    expect(await versionOf("a", ["/nowhere", far])).toBe("far");
  });

  test("from the file URL of a module", async () => {
    const folder = layOut({ ...installed("statewave-connector-a", connector("a", "1")), "src/main.js": "" });
    expect(await versionOf("a", [pathToFileURL(join(folder, "src/main.js")).href])).toBe("1");
  });

  test.each<[string, object]>([
    ["default", { exports: { ".": { types: "./index.d.ts", default: "./index.js" } } }],
    ["import alone", { exports: { ".": { types: "./index.d.ts", import: "./index.js" } } }],
    ["import alone, without a subpath", { exports: { import: "./index.js" } }],
    ["import, nested", { exports: { node: { import: { types: "./index.d.ts", default: "./index.js" } } } }],
    ["a plain string", { exports: "./index.js" }],
    ["main", { main: "./index.js" }],
    ["nothing but an index", {}],
  ])("that offers itself by %s", async (_, manifest) => {
    const folder = layOut(installed("statewave-connector-a", connector("a", "1"), manifest));
    expect(await versionOf("a", [folder])).toBe("1");
  });

  test("by the conditions of the process: sources with the source condition, the build without", async () => {
    const folder = layOut({
      ...installed("statewave-connector-a", connector("a", "built"), {
        exports: { ".": { "@statewave-connectors/source": "./source.js", default: "./index.js" } },
      }),
      "node_modules/statewave-connector-a/source.js": connector("a", "source"),
    });
    expect(await versionOf("a", [folder])).toBe("source");
    // A process of its own without the condition; our own packages are not built here, so only the looking itself can run there.
    const module = new URL("../src/adapters/resolve-package.ts", import.meta.url).href;
    const script = `import { resolvePackage } from ${JSON.stringify(module)}; console.log(JSON.stringify(resolvePackage("statewave-connector-a", process.argv[1])));`;
    const run = async (...flags: string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "--eval", script, folder]);
      return JSON.parse(stdout);
    };
    const at = (file: string) => ({ type: "found", file: join(folder, "node_modules/statewave-connector-a", file) });
    expect(await run()).toEqual(at("index.js"));
    expect(await run("--conditions=@statewave-connectors/source")).toEqual(at("source.js"));
  });

  test("through a link, as workspaces have them", async () => {
    const target = layOut({
      "package.json": JSON.stringify({ name: "statewave-connector-a", type: "module", exports: "./i.js" }),
      "i.js": connector("a", "1"),
    });
    const folder = layOut({ "node_modules/x": "" });
    symlinkSync(target, join(folder, "node_modules/statewave-connector-a"));
    expect(await versionOf("a", [folder])).toBe("1");
  });
});

describe("an override", () => {
  test.each<[string, string, Record<string, string>]>([
    ["a .js file", "./own/a.js", { "own/a.js": connector("a", "1"), "own/package.json": '{"type":"module"}' }],
    ["a .mjs file", "./a.mjs", { "a.mjs": connector("a", "1") }],
    ["a .ts file", "./a.ts", { "a.ts": `${connector("a", "1")}\nexport type Unused = string;` }],
    [
      "a folder with exports",
      "./own",
      { "own/package.json": '{"name":"own","type":"module","exports":"./x.js"}', "own/x.js": connector("a", "1") },
    ],
    [
      "a folder with exports for import",
      "./own",
      { "own/package.json": '{"name":"own","type":"module","exports":{"import":"./x.js"}}', "own/x.js": connector("a", "1") },
    ],
    ["a folder with main", "./own", { "own/package.json": '{"type":"module","main":"x.js"}', "own/x.js": connector("a", "1") }],
    ["a folder with index.js", "./own/", { "own/package.json": '{"type":"module"}', "own/index.js": connector("a", "1") }],
    ["a folder with index.mjs", "./own", { "own/index.mjs": connector("a", "1") }],
    ["a folder with index.ts", "./own", { "own/index.ts": connector("a", "1") }],
    ["another package", "some-package", installed("some-package", connector("a", "1"))],
  ])("may be %s", async (_, override, files) => {
    const folder = layOut(files);
    expect(await versionOf("a", [folder, "/elsewhere"], override)).toBe("1");
  });

  test("may be absolute or a file URL", async () => {
    const folder = layOut({ "a b.mjs": connector("a", "1") });
    expect(await versionOf("a", ["/nowhere"], join(folder, "a b.mjs"))).toBe("1");
    expect(await versionOf("a", ["/nowhere"], pathToFileURL(join(folder, "a b.mjs")).href)).toBe("1");
  });

  test("is not replaced by the usual name when it is not there", async () => {
    const folder = layOut(installed("statewave-connector-a", connector("a", "1")));
    await expect(load("a", [folder], "./a.mjs")).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_NOT_FOUND",
      message: expect.stringContaining(join(folder, "a.mjs")),
    });
    await expect(load("a", [folder], "some-package")).rejects.toMatchObject({ hint: "npm install some-package" });
  });
});

describe("a package that is not there", () => {
  test.each<[AdapterRequest<"connector" | "cursor-store" | "inbox">["role"], string]>([
    [
      "connector",
      "npm install @statewave-connectors/connector-nosuch if there is such a package; otherwise name one under [connectors]",
    ],
    ["cursor-store", "npm install @statewave-connectors/cursor-store-nosuch if there is such a package"],
    ["inbox", "npm install @statewave-connectors/inbox-nosuch if there is such a package"],
  ])("as %s is reported with every place and the install line", async (role, hint) => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    const error: unknown = await loadAdapter({
      role,
      kind: "nosuch",
      from: [one, one, pathToFileURL(join(two, "main.js")).href],
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CONFIG_PACKAGE_NOT_FOUND", hint });
    const places = (error as Error).message.split(" from ")[1]!.split(", ");
    expect(places).toEqual([one, two, dirname(fileURLToPath(new URL("../src/adapters/load-adapter.ts", import.meta.url)))]);
  });

  test.each(["../x", "a/b", "", "A", "__proto__", "x y"])("is not looked for under the kind %j", async (kind) => {
    await expect(load(kind, [fixtures])).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_NOT_FOUND",
      message: expect.stringContaining("is not the kind"),
    });
  });
});

describe("a package that is there but cannot be used", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      "throws",
      installed("statewave-connector-a", 'throw new TypeError("no luck")'),
      /fails when it is imported: TypeError: no luck/,
    ],
    ["has a syntax error", installed("statewave-connector-a", "export const ="), /fails when it is imported: SyntaxError/],
    [
      "was not built",
      installed("statewave-connector-a", "", { exports: { default: "./dist/index.js" } }),
      /dist\/index\.js.*; was it built\?/,
    ],
    [
      "has a broken main",
      { "node_modules/statewave-connector-a/package.json": '{"main":"./dist/none.js"}' },
      /none\.js.*; was it built\?/,
    ],
    ["exports nothing", installed("statewave-connector-a", "", { exports: { "./other": "./index.js" } }), /No "exports" main/],
  ])("because it %s is not called missing", async (_, files, message) => {
    await expect(load("a", [layOut(files)])).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_BROKEN",
      message: expect.stringMatching(message),
    });
  });

  test("because a package of its own is missing names that one", async () => {
    const folder = layOut(installed("statewave-connector-a", 'import "its-driver";'));
    const error: unknown = await load("a", [folder]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "CONFIG_PACKAGE_BROKEN",
      cause: expect.any(Error),
      message: expect.stringContaining("its-driver"),
    });
  });

  test.each([
    ["", "is not a connector"],
    ["export const connector = null;", "is not a connector"],
    [connector("b", "1"), 'is of kind "b"'],
    ['export const connector = { kind: "a" };', "has no version"],
    ['export const connector = { kind: "a", version: "1" };', "has neither pull nor push"],
    ['export const connector = { kind: "a", version: "1", pull: {} };', "has a pull without an open function"],
    ['export const connector = { kind: "a", version: "1", push: null };', "has a push without an open function"],
    [
      'export const connector = { kind: "a", version: "1", push: { open() {}, config: {} } };',
      "whose config is not a Standard Schema",
    ],
    [declared({ rights: '["repo"]' }), "has a pull whose rights is not a list of { name, for }"],
    [declared({ maxBodyBytes: '"1MB"' }), "has a pull whose maxBodyBytes is not a number of bytes"],
    [declared({ maxBodyBytes: "Infinity" }), "has a pull whose maxBodyBytes is not a number of bytes"],
    [declared({ seed: "{}" }), "has a pull whose seed is not a function"],
    [declared({ streams: '["all"]' }), "has a pull whose streams is not a function"],
  ])("because of its shape: %j", async (code, fault) => {
    const folder = layOut(installed("statewave-connector-a", code));
    await expect(load("a", [folder])).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_INVALID",
      message: expect.stringContaining(fault),
    });
  });
});

/** The source of a connector with one more member of its declaration, as code. */
function declared(member: Readonly<Record<string, string>>): string {
  const [[name, code] = []] = Object.entries(member);
  const schema = '{ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } }';
  return `export const connector = { kind: "a", version: "1", pull: { open() {}, config: ${schema}, ${name}: ${code} } };`;
}

test("stores and inboxes are functions", async () => {
  const folder = layOut({
    ...installed("@statewave-connectors/cursor-store-x", "export const openCursorStore = async () => 'store';"),
    ...installed("@statewave-connectors/inbox-x", "export const openInbox = async () => 'inbox';"),
    ...installed("@statewave-connectors/inbox-y", "export const openInbox = 1;"),
    ...installed("@statewave-connectors/inbox-z", "export const openInbox = Object.assign(async () => {}, { config: {} });"),
  });
  expect(
    await ((await loadAdapter({ role: "cursor-store", kind: "x", from: [folder] })) as unknown as () => Promise<string>)(),
  ).toBe("store");
  expect(await ((await loadAdapter({ role: "inbox", kind: "x", from: [folder] })) as unknown as () => Promise<string>)()).toBe(
    "inbox",
  );
  for (const [kind, fault] of [
    ["y", "is not a function"],
    ["z", "has a config that is not a Standard Schema"],
  ] as const) {
    await expect(loadAdapter({ role: "inbox", kind, from: [folder] })).rejects.toMatchObject({
      code: "CONFIG_PACKAGE_INVALID",
      message: expect.stringContaining(fault),
    });
  }
});

describe("for a file", () => {
  const toml = '[statewave]\nurl = "stdout:"\n[[pull.a]]\nname = "x"\nschedule = "every 1h"\n';

  test("its own folder comes before the working directory, and that before the program", async () => {
    const program = layOut({ ...installed("statewave-connector-a", connector("a", "program")), "main.js": "" });
    const cwd = layOut({ ...installed("statewave-connector-a", connector("a", "cwd")), "x.toml": toml });
    const both = layOut({ ...installed("statewave-connector-a", connector("a", "file")), "x.toml": toml });
    const bare = layOut({ "x.toml": toml });
    const resolveFrom = [pathToFileURL(join(program, "main.js")).href];
    const found = async (configPath: string, from: string) =>
      (await loadConfig({ configPath, cwd: from, env: {}, resolveFrom })).connectors.get("a")!.version;
    expect(await found(join(both, "x.toml"), cwd)).toBe("file");
    expect(await found(join(bare, "x.toml"), cwd)).toBe("cwd");
    expect(await found(join(bare, "x.toml"), bare)).toBe("program");
  });

  test("[connectors] names another package or a path relative to the file", async () => {
    const folder = layOut({ "conf/x.toml": `${toml}[connectors]\na = "../own/a.mjs"`, "own/a.mjs": connector("a", "own") });
    const { config, connectors } = await loadConfig({ configPath: "conf/x.toml", cwd: folder, env: {} });
    expect(connectors.get("a")!.version).toBe("own");
    expect(config.connectorPackages["a"]).toBe("../own/a.mjs");
    expect(config.connectorPackages["constructor"]).toBeUndefined();
    expect(await loadConnectors(config, { cwd: folder })).toEqual(connectors);
  });

  test("a missing package is one problem with its install line", async () => {
    const folder = layOut({ "x.toml": toml });
    expect(await problemsOf(loadConfig({ configPath: "x.toml", cwd: folder, env: {} }))).toEqual([
      {
        path: "pull.a",
        line: 3,
        message: expect.stringContaining(folder),
        hint: "npm install @statewave-connectors/connector-a if there is such a package; otherwise name one under [connectors]",
      },
    ]);
  });

  test("connectors of a config that lost its packages are missed by name", async () => {
    const entry = { kind: "lost" };
    const config = { baseDir: temporaryFolder(), pull: [entry], push: [], connectorPackages: {} };
    await expect(loadConnectors(config as never)).rejects.toMatchObject({ code: "CONFIG_PACKAGE_NOT_FOUND" });
  });
});
