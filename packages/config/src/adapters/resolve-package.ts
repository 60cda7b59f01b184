import { existsSync, readFileSync, statSync } from "node:fs";
// No named import: a Node.js without `findPackageJSON` must reach the version check.
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { mayHoldPackagesFor } from "./code-trust.ts";
import { codeOf, reasonOf } from "../thrown.ts";

/** The result of looking for a package from one place. */
export type Resolution =
  /** The file to import. */
  | { readonly type: "found"; readonly file: string }
  | { readonly type: "absent" }
  /** It is there, but cannot be used; a sentence says why. */
  | { readonly type: "broken"; readonly reason: string };

/** The folder that a place means: places are folders, or file URLs of modules. */
export function folderOf(place: string): string {
  return place.startsWith("file:") ? dirname(fileURLToPath(place)) : place;
}

/** Looks for an installed package from a folder, by Node's algorithm with the `--conditions` of this process. */
export function resolvePackage(name: string, folder: string): Resolution {
  // Node looks in node_modules beside and above this (not existing) file.
  const base = join(folder, "_");
  const modules = nodeModule
    .createRequire(base)
    .resolve.paths(name)
    ?.find((path) => existsSync(join(path, name)));
  // Above, e.g. in /tmp, another user may have installed packages of the same name.
  if (modules !== undefined && dirname(modules) !== folder && !mayHoldPackagesFor(folder, modules)) return { type: "absent" };
  return resolveWith(base, name, () => {
    const manifest = nodeModule.findPackageJSON(name, pathToFileURL(base));
    return manifest === undefined ? undefined : dirname(manifest);
  });
}

/** Finds what to import of a folder (by its package.json, or its index) or of a file. */
export function resolvePath(path: string): Resolution {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { type: "absent" };
  if (!found.isDirectory()) return { type: "found", file: path };
  const manifest = readManifest(path);
  if (typeof manifest === "string") return { type: "broken", reason: manifest };
  // A package may name itself, and only by its name are its `exports` and conditions obeyed.
  if (manifest?.exports !== undefined && manifest.name !== undefined)
    return resolveWith(join(path, "_"), manifest.name, () => path);
  const byMain = resolveWith(join(path, "_"), path, () => path);
  if (byMain.type === "found" || manifest?.main !== undefined) return byMain;
  const index = ["index.mjs", "index.ts"].map((file) => join(path, file)).find((file) => existsSync(file));
  return index === undefined
    ? { type: "broken", reason: `${path} has neither a package.json nor an index file` }
    : { type: "found", file: index };
}

function resolveWith(base: string, request: string, packageFolder: () => string | undefined): Resolution {
  try {
    return { type: "found", file: nodeModule.createRequire(base).resolve(request) };
  } catch (error) {
    const code = codeOf(error);
    // With a path, the package is there and the file that it points to is not.
    if (code === "MODULE_NOT_FOUND" && error instanceof Error && !("path" in error)) return { type: "absent" };
    const folder = code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? packageFolder() : undefined;
    const file = folder === undefined ? undefined : importOnlyEntry(folder);
    if (file !== undefined && existsSync(file)) return { type: "found", file };
    const missing = code === "MODULE_NOT_FOUND" ? "; was it built?" : "";
    return { type: "broken", reason: `${reasonOf(error)}${missing}` };
  }
}

/** `require.resolve` passes over packages that offer themselves to `import` alone, which we do: reads that one case of `exports`. */
function importOnlyEntry(folder: string): string | undefined {
  const manifest = readManifest(folder);
  if (typeof manifest !== "object") return undefined;
  const { exports } = manifest;
  const root = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith(".")) ? exports["."] : exports;
  const target = pickTarget(root);
  return target === undefined ? undefined : join(folder, target);
}

function pickTarget(target: unknown): string | undefined {
  if (typeof target === "string") return target.startsWith("./") ? target : undefined;
  if (!isRecord(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!["node", "import", "default"].includes(condition)) continue;
    const picked = pickTarget(inner);
    if (picked !== undefined) return picked;
  }
  return undefined;
}

interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly exports?: unknown;
}

/** The package.json of a folder; undefined when there is none, a sentence when it cannot be read. */
function readManifest(folder: string): Manifest | string | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(manifest) ? manifest : `${file} holds no object`;
  } catch (error) {
    return `${file} cannot be read: ${reasonOf(error)}`;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
