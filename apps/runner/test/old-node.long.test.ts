import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const mains = ["apps/runner/src/main.ts", "packages/cli/src/main.ts"];
const fromSource = "--conditions=@statewave-connectors/source";
const manifests = globSync("{packages,apps}/*/package.json", { cwd: root });
const folder = mkdtempSync(join(tmpdir(), "old-node-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every Node.js on PATH that is older than what we need; a machine may have none. */
const oldNodes = [...new Set((process.env["PATH"] ?? "").split(delimiter).map((bin) => join(bin, "node")))].filter(
  (file) => existsSync(file) && isOld(spawnSync(file, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout ?? ""),
);

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 0 && (major < 22 || (major === 22 && minor < 19));
}

/** Makes the Node.js that runs it say that it is another version, or another runtime. */
function pretending(version: string, runtime = "node"): string {
  const file = join(folder, `${runtime}-${version}.mjs`);
  writeFileSync(file, `Object.defineProperty(process.versions, "${runtime}", { value: "${version}" });\n`);
  return file;
}

function runNode(node: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

const refusal = (version: string) =>
  new RegExp(`^error: [^\\n]* 22\\.19 [^\\n]* ${version} \\[RUNNER_NODE_UNSUPPORTED\\]\\nhint: [^\\n]+\\n$`);

describe.each(["22.18.0", "20.20.2", "18.20.8", "16.20.2"])("Node.js %s", (version) => {
  it.each(mains)("is refused by %s in one sentence that names both versions", (main) => {
    const result = runNode(process.execPath, fromSource, "--import", pretending(version), join(root, main), "--version");
    expect(result).toMatchObject({ status: 1, stdout: "" });
    expect(result.stderr).toMatch(refusal(version));
  });

  it.each(["runner", "cursor-store-file", "connector-slack"])("is refused when %s is imported", (name) => {
    const script = `await import("./packages/${name}/src/index.ts").catch(({ code, message }) => console.log(code, message))`;
    const { stdout } = runNode(
      process.execPath,
      fromSource,
      "--import",
      pretending(version),
      "--input-type=module",
      "-e",
      script,
    );
    expect(stdout).toMatch(/^RUNNER_NODE_UNSUPPORTED [^\n]* 22\.19 /);
    expect(stdout.trim().endsWith(version)).toBe(true);
  });
});

describe.each([
  ["Bun", "1.4.5"],
  ["Deno", "2.9.6"],
])("%s", (name, version) => {
  it.each(mains)("is refused by %s in one sentence, although it says that it is a Node.js", (main) => {
    const result = runNode(
      process.execPath,
      fromSource,
      "--import",
      pretending(version, name.toLowerCase()),
      join(root, main),
      "--version",
    );
    expect(result).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(
        new RegExp(
          `^error: [^\\n]* 22\\.19 or newer; this is ${name} ${version} \\[RUNNER_NODE_UNSUPPORTED\\]\\nhint: [^\\n]+\\n$`,
        ),
      ),
    });
  });
});

it("the version that is refused is the one in `engines` of every package", () => {
  const engines = manifests.map((file) => JSON.parse(readFileSync(join(root, file), "utf8")).engines?.node);
  expect(new Set(engines)).toEqual(new Set([">=22.19"]));
});

describe.skipIf(oldNodes.length === 0)("an old Node.js of this machine", () => {
  it.each(mains)("can parse %s", (main) => {
    const copy = join(folder, `${main.replaceAll("/", "-")}.mjs`);
    const text = readFileSync(join(root, main), "utf8");
    writeFileSync(copy, text.replace(/(?<=from ")[^"]+\/node-support(?:\.ts)?(?=")/, "./node-support.mjs"));
    copyFileSync(join(root, "packages/cli/src/node-support.ts"), join(folder, "node-support.mjs"));
    for (const node of oldNodes) {
      const { status, stderr } = runNode(node, copy);
      expect({ status, refused: stderr.startsWith("error: statewave-connectors needs Node.js 22.19") }).toEqual({
        status: 1,
        refused: true,
      });
    }
  });

  it("has every built-in export that is named by what is loaded before the refusal", () => {
    const named = namedBuiltins();
    expect(named.length).toBeGreaterThan(20);
    for (const node of oldNodes) {
      const script = `console.log(JSON.stringify(${JSON.stringify(named)}.filter(([name, module]) => {
        try { return !(name in require(module)); } catch { return true; }
      })))`;
      expect(JSON.parse(runNode(node, "-e", script).stdout)).toEqual([]);
    }
  });
});

/** `[name, module]` of every value that the packages import by name from Node.js; workers and `start.ts` are loaded later. */
function namedBuiltins(): readonly (readonly [string, string])[] {
  const files = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((file) => !/\/worker\/|\/start\.ts$/.test(file));
  return files.flatMap((file) => {
    const imports = readFileSync(join(root, file), "utf8").matchAll(
      /^import (?:\w+, )?\{([^}]*)\} from "((?:node:)?([\w/]+))";/gm,
    );
    return Array.from(imports).flatMap(([, names = "", module = "", bare = ""]) => {
      if (!builtinModules.includes(bare)) return [];
      const values = names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type "));
      return values.map((name) => [name.split(" as ")[0]!, module] as const);
    });
  });
}
