import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AdapterRole } from "./given-adapters.ts";

const scope = "@statewave-connectors";

/** The kinds of the installed packages of a role, by their names, from folders as `loadAdapter` looks. For "did you mean" only. */
export function installedKinds(role: AdapterRole, folders: readonly string[]): readonly string[] {
  const modules = new Set(folders.flatMap((folder) => createRequire(join(folder, "_")).resolve.paths("x") ?? []));
  const kinds = [...modules].flatMap((folder) => [
    ...kindsIn(join(folder, scope), `${role}-`),
    ...kindsIn(folder, `statewave-${role}-`),
  ]);
  return [...new Set(kinds)].filter((kind) => kind !== "sdk").toSorted();
}

function kindsIn(folder: string, prefix: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  } catch {
    return [];
  }
}
