import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Connector, type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { checkPackages, refusePaths } from "../check/check-packages.ts";
import { ProblemList } from "../check/problems.ts";
import { type Environment, findConfig, type FoundConfig } from "../load/find-config.ts";
import { kindPattern } from "../schema/kind.ts";
import { parseToml, type Table } from "../toml/parse-toml.ts";
import { bundledAdapters } from "./bundled-adapters.ts";
import { distrustOf, trustedFolders } from "./code-trust.ts";
import type { AdapterRole, AdapterExports } from "./given-adapters.ts";
import { installedKinds } from "./installed-kinds.ts";
import { loadAdapter } from "./load-adapter.ts";
import { type LoadConnectorsOptions, searchPlaces } from "./load-connectors.ts";
import { folderOf } from "./resolve-package.ts";

export interface KnownAdaptersOptions extends LoadConnectorsOptions {
  /** A file whose connectors are known, too. Default: the one that is found, if any. */
  readonly configPath?: string | undefined;
  readonly env: Environment;
}

/** A connector that is installed or that the file names. */
export interface KnownConnector {
  readonly kind: string;
  /** Absent: it cannot be loaded. */
  readonly connector?: Connector;
  /** Why. */
  readonly error?: ConnectorsError;
  /** What `[connectors]` of the file says. */
  readonly override?: string;
}

/** What a configuration can be written with here. */
export interface KnownAdapters {
  readonly connectors: readonly KnownConnector[];
  readonly cursorStores: ReadonlyMap<string, AdapterExports["cursor-store"]>;
  readonly inboxes: ReadonlyMap<string, AdapterExports["inbox"]>;
}

/**
 * Loads every adapter that is installed beside the program, in the working directory or in the folder of the file, and those that the file
 * names. A file need not be there, nor be valid. Throws as reading a file does if `configPath` cannot be read.
 */
export async function knownAdapters(options: KnownAdaptersOptions): Promise<KnownAdapters> {
  const { cwd = process.cwd() } = options;
  const found = await findIfAny(options, cwd);
  const named = found === undefined ? nothingNamed : await readNamed(found, options.configPath !== undefined);
  const place = found ?? { path: join(cwd, "statewave-connectors.toml"), foundBy: "working directory" };
  const packageFolders = trustedFolders(place, cwd);
  const from = searchPlaces(dirname(place.path), { ...options, cwd, packageFolders });
  const [connectors, cursorStores, inboxes] = await Promise.all([
    loadConnectorsOf(named, from),
    loadInstalled("cursor-store", from),
    loadInstalled("inbox", from),
  ]);
  return { connectors, cursorStores, inboxes };
}

async function findIfAny({ configPath, env }: KnownAdaptersOptions, cwd: string): Promise<FoundConfig | undefined> {
  try {
    return await findConfig(configPath, cwd, env);
  } catch (error) {
    if (configPath === undefined && isConnectorsError(error, "CONFIG_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** What a file says of connectors. */
interface NamedKinds {
  readonly kinds: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
}

const nothingNamed: NamedKinds = { kinds: [], packages: {} };

async function readNamed(found: FoundConfig, isRequired: boolean): Promise<NamedKinds> {
  const root = await readRoot(found.path).catch((error: unknown) => {
    if (isRequired) throw error;
    return undefined;
  });
  if (root === undefined) return nothingNamed;
  const ignored = new ProblemList();
  const packages = checkPackages(tableAt(root, "connectors"), () => [], ignored);
  const distrust = distrustOf(found);
  const refused = new Set(distrust === undefined ? [] : refusePaths(packages, distrust, ignored));
  const trusted = Object.fromEntries(Object.entries(packages).filter(([kind]) => !refused.has(kind)));
  const entries = [...Object.keys(tableAt(root, "pull")), ...Object.keys(tableAt(root, "push"))];
  const kinds = [...entries, ...Object.keys(packages)].filter((kind) => kindPattern.test(kind) && !refused.has(kind));
  return { kinds: [...new Set(kinds)], packages: trusted };
}

async function readRoot(path: string): Promise<Table> {
  return parseToml(await readFile(path), path).root;
}

function tableAt(root: Table, key: string): Table {
  const table = root[key];
  return isTable(table) ? table : {};
}

async function loadConnectorsOf({ kinds, packages }: NamedKinds, from: readonly string[]): Promise<readonly KnownConnector[]> {
  const installed = installedKinds("connector", from.map(folderOf));
  const all = [...new Set([...installed, ...kinds])].toSorted();
  const loaded = await Promise.all(
    all.map(async (kind): Promise<readonly KnownConnector[]> => {
      const override = Object.hasOwn(packages, kind) ? packages[kind] : undefined;
      const about = { kind, ...(override !== undefined && { override }) };
      try {
        return [{ ...about, connector: await loadAdapter({ role: "connector", kind, override, from }) }];
      } catch (error) {
        if (!isConnectorsError(error)) throw error;
        // A folder of that name, in a place that is not searched for packages.
        const isElsewhere = error.code === "CONFIG_PACKAGE_NOT_FOUND" && !kinds.includes(kind);
        return isElsewhere ? [] : [{ ...about, error }];
      }
    }),
  );
  return loaded.flat();
}

/** Those that cannot be loaded are left out. */
async function loadInstalled<Role extends "cursor-store" | "inbox">(
  role: Role,
  from: readonly string[],
): Promise<ReadonlyMap<string, AdapterExports[Role]>> {
  const kinds = new Set([...bundledAdapters[role].keys(), ...installedKinds(role satisfies AdapterRole, from.map(folderOf))]);
  const loaded = await Promise.allSettled(
    [...kinds].map(async (kind) => [kind, await loadAdapter({ role, kind, from })] as const),
  );
  return new Map(loaded.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}
