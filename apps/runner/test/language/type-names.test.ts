import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Adapters never import each other, and the same role has the same name in each of them. */
const adapter = /^packages\/(connector|cursor-store|inbox)-(?!sdk\/|memory\/)/;

/** The folders with a package's code, relative to the repository. */
function sourceFolders(): readonly string[] {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/src`);
  return [...packages, "apps/runner/quickstart"];
}

/** The files that export a type or a class of each name. */
function exportedTypes(): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const folder of sourceFolders()) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const text = readFileSync(join(root, folder, name), "utf8");
      for (const [, type = ""] of text.matchAll(/^export (?:abstract )?(?:interface|type|class|enum) (\w+)/gm)) {
        files.set(type, [...(files.get(type) ?? []), `${folder}/${name}`]);
      }
    }
  }
  return files;
}

function packageOf(path: string): string {
  return path.split("/", 2).join("/");
}

/** Whether a reader can meet both: in one package, or where one of them is no adapter. */
function isRepeated(paths: readonly string[]): boolean {
  if (paths.length < 2) return false;
  const packages = new Set(paths.map(packageOf));
  return packages.size < paths.length || !paths.every((path) => adapter.test(path));
}

test("an exported type has one name, and a name one type", () => {
  const types = exportedTypes();
  expect(types.size).toBeGreaterThan(500);
  const repeated = [...types].filter(([, paths]) => isRepeated(paths));
  expect(repeated.map(([type, paths]) => `${type}: ${paths.join(", ")}`)).toEqual([]);
});
