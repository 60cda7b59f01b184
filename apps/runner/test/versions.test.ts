import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const script = new URL("../../../scripts/write-versions.mjs", import.meta.url);
const { versionFiles } = (await import(script.href)) as { versionFiles: () => ReadonlyMap<string, string> };

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

test("no library reads its package.json, which a bundler leaves behind", () => {
  const sources = globSync("packages/*/src/**/*.ts", { cwd: repository });
  const reading = sources.filter((path) =>
    /packageVersion\(|\.\.\/package\.json/.test(readFileSync(join(repository, path), "utf8")),
  );
  expect(reading).toEqual(["packages/connector-sdk/src/host/package-version.ts"]);
});
