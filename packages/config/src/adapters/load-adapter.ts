import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { connectorFault, openerFault, requireContract } from "./adapter-fault.ts";
import { bundledAdapters } from "./bundled-adapters.ts";
import { kindPattern } from "../schema/kind.ts";
import type { AdapterExports, AdapterMaps, AdapterRole } from "./given-adapters.ts";
import { didYouMean } from "../check/did-you-mean.ts";
import { installedKinds } from "./installed-kinds.ts";
import { adapterFailure as failure, importModule } from "./import-module.ts";
import { folderOf, resolvePackage, resolvePath } from "./resolve-package.ts";

export interface AdapterRequest<Role extends AdapterRole> {
  readonly role: Role;
  /** The word in the file, e.g. `github` or `postgres`. */
  readonly kind: string;
  /** A package name, or a path (`./x`, `../x`, `/x`) to a folder or file, instead of the names that go with the kind. */
  readonly override?: string | undefined;
  /** Where to look, best first: folders, or file URLs of modules. A relative override starts at the first. This package comes last by itself. */
  readonly from: readonly string[];
  /** Adapters that the program passes itself: they take precedence over packages. */
  readonly given?: AdapterMaps | undefined;
}

const exportNames = { connector: "connector", "cursor-store": "openCursorStore", inbox: "openInbox" } as const;

/**
 * Loads the package that knows a kind: the override, else `@statewave-connectors/<role>-<kind>`, else `statewave-<role>-<kind>`.
 * What the program passes takes precedence, then what is a dependency of this package.
 *
 * Throws `CONFIG_PACKAGE_NOT_FOUND` with every place looked at and the install line, `CONFIG_PACKAGE_BROKEN` when the package is there
 * but its import fails, `CONFIG_PACKAGE_INVALID` when it does not export what its role demands,
 * `CONFIG_CONTRACT_UNSUPPORTED` for a connector made for another contract.
 */
export async function loadAdapter<Role extends AdapterRole>(request: AdapterRequest<Role>): Promise<AdapterExports[Role]> {
  const { role, kind } = request;
  // The kind becomes part of a package name.
  if (!kindPattern.test(kind))
    throw failure("CONFIG_PACKAGE_NOT_FOUND", `"${kind}" is not the kind of a ${role}`, "use a-z, 0-9, - and _ in a kind");
  const known = request.given?.[role].get(kind) ?? (await bundledAdapters[role].get(kind)?.());
  if (known !== undefined) return known;
  const { name, file } = locate(request);
  const exported = (await importModule(name, file))[exportNames[role]];
  if (role === "connector") requireContract(exported);
  const fault = role === "connector" ? connectorFault(exported, kind) : openerFault(exported);
  if (fault !== undefined) {
    throw failure(
      "CONFIG_PACKAGE_INVALID",
      `${name} (${file}) is not a ${role} for "${kind}": its export ${exportNames[role]} ${fault}`,
    );
  }
  return exported as AdapterExports[Role];
}

/** The connector of a package or a path, of whatever kind it is. Throws as `loadAdapter` does. */
export async function loadConnectorOf(named: string, from: readonly string[]): Promise<Connector> {
  const { name, file } = locate({ role: "connector", kind: named, override: named, from });
  const exported = (await importModule(name, file))[exportNames.connector];
  requireContract(exported);
  const kind = isTable(exported) ? exported["kind"] : undefined;
  const isKind = typeof kind === "string" && kindPattern.test(kind);
  const fault = connectorFault(exported, isKind ? kind : "");
  if (fault !== undefined) {
    throw failure("CONFIG_PACKAGE_INVALID", `${name} (${file}) is not a connector: its export ${exportNames.connector} ${fault}`);
  }
  return exported as Connector;
}

/** Whether an override is a path and not a package name. */
export function isPathOverride(override: string): boolean {
  return /^(\.{1,2}\/|\/|[A-Za-z]:[\\/]|file:)/.test(override) || override === "." || override === "..";
}

function locate(request: AdapterRequest<AdapterRole>): { readonly name: string; readonly file: string } {
  const { role, kind, override } = request;
  // Undefined in a bundle of CommonJS.
  const own = import.meta.url as string | undefined;
  const folders = [...new Set([...request.from, ...(own === undefined ? [] : [own])].map(folderOf))];
  if (override !== undefined && isPathOverride(override)) return locatePath(request, override, folders[0]!);
  const names = override === undefined ? [`@statewave-connectors/${role}-${kind}`, `statewave-${role}-${kind}`] : [override];
  for (const name of names) {
    for (const folder of folders) {
      const resolution = resolvePackage(name, folder);
      if (resolution.type === "broken") throw failure("CONFIG_PACKAGE_BROKEN", `${name} cannot be loaded: ${resolution.reason}`);
      if (resolution.type === "found") return { name, file: resolution.file };
    }
  }
  throw failure(
    "CONFIG_PACKAGE_NOT_FOUND",
    `there is no package for the ${role} "${kind}"; looked for ${names.join(" and ")} from ${folders.join(", ")}`,
    override === undefined ? missingKindHint(role, kind, folders) : `npm install ${override}`,
  );
}

/** A misspelt kind is more likely than a missing package. */
function missingKindHint(role: AdapterRole, kind: string, folders: readonly string[]): string {
  const known = [...installedKinds(role, folders), ...bundledAdapters[role].keys()];
  const meant = didYouMean(kind, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  const otherwise = role === "connector" ? "; otherwise name one under [connectors]" : "";
  return `npm install @statewave-connectors/${role}-${kind} if there is such a package${otherwise}`;
}

function locatePath(request: AdapterRequest<AdapterRole>, override: string, baseDir: string): { name: string; file: string } {
  const path = override.startsWith("file:") ? fileURLToPath(override) : resolve(baseDir, override);
  const resolution = resolvePath(path);
  if (resolution.type === "found") return { name: override, file: resolution.file };
  if (resolution.type === "broken") throw failure("CONFIG_PACKAGE_BROKEN", `${override} cannot be loaded: ${resolution.reason}`);
  throw failure(
    "CONFIG_PACKAGE_NOT_FOUND",
    `there is no file or folder ${path} for the ${request.role} "${request.kind}"`,
    "write the path relative to the configuration file",
  );
}
