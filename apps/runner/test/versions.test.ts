import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const script = new URL("../../../scripts/write-versions.mjs", import.meta.url);
const { versionFiles } = (await import(script.href)) as { versionFiles: (root?: string) => ReadonlyMap<string, string> };

describe("a version in the code is that of the package", () => {
  const files = [...versionFiles()].map(([path, text]) => ({ file: relative(repository, path), path, text }));

  test.each(files)("$file", ({ path, text }) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("every public connector and the runner have one", () => {
    const connectors = globSync("packages/connector-*", { cwd: repository }).map((path) => path.split("/")[1]);
    const wanted = connectors.filter((name) => name !== "connector-sdk");
    const found = files.map(({ file }) => file.split("/")[1]);
    expect(found).toEqual(expect.arrayContaining([...wanted, "runner"]));
  });
});

test("the chart starts the image of the program's version", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "chart-version-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  write("apps/runner/package.json", JSON.stringify({ version: "1.2.0-rc.3" }));
  const chart = write("deploy/helm/statewave-connectors/Chart.yaml", 'version: 0.1.0\nappVersion: "1.1.0"\nhome: x\n');
  expect(versionFiles(folder)).toEqual(new Map([[chart, 'version: 0.1.0\nappVersion: "1.2.0-rc.3"\nhome: x\n']]));
});

test("no library reads its package.json, which a bundler leaves behind", () => {
  const sources = globSync("packages/*/src/**/*.ts", { cwd: repository });
  const reading = sources.filter((path) =>
    /packageVersion\(|\.\.\/package\.json/.test(readFileSync(join(repository, path), "utf8")),
  );
  expect(reading).toEqual(["packages/connector-sdk/src/host/package-version.ts"]);
});

const firstScript = new URL("../../../scripts/write-first-releases.mjs", import.meta.url);
const { firstReleases } = (await import(firstScript.href)) as { firstReleases: (root: string) => string | undefined };

test("the first version of every public package is 1.0.0", ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "first-releases-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const manifest = (name: string, value: Readonly<Record<string, unknown>>) => {
    mkdirSync(join(folder, "packages", name), { recursive: true });
    writeFileSync(join(folder, "packages", name, "package.json"), JSON.stringify({ name, ...value }));
  };
  manifest("new", { version: "0.0.0" });
  manifest("released", { version: "1.2.0" });
  manifest("template", { version: "0.0.0", private: true });
  expect(firstReleases(folder)).toBe('---\n"new": major\n---\n\nFirst release.\n');
  manifest("new", { version: "1.0.0-rc.0" });
  expect(firstReleases(folder)).toBeUndefined();
});
