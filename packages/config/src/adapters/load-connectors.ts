import type { Connector } from "@statewave-connectors/connector-sdk";
import type { AdapterPlaces } from "../check/check-adapters.ts";
import type { ConnectorsConfig } from "../result/connectors-config.ts";
import { loadAdapter } from "./load-adapter.ts";

export interface LoadConnectorsOptions {
  /** Where the program that was started brings its own packages: file URLs of modules, or folders. */
  readonly resolveFrom?: readonly string[];
  /** Default `process.cwd()`. */
  readonly cwd?: string;
}

/** The connectors of a config, by kind. Throws as `loadAdapter` does, for the first one that cannot be loaded. */
export async function loadConnectors(
  config: Pick<ConnectorsConfig, "baseDir" | "pull" | "push" | "connectorPackages"> & {
    readonly runner?: Pick<ConnectorsConfig["runner"], "packageFolders">;
  },
  options: LoadConnectorsOptions = {},
): Promise<ReadonlyMap<string, Connector>> {
  const kinds = [...config.pull, ...config.push].map((entry) => entry.kind);
  const from = searchPlaces(config.baseDir, { ...options, packageFolders: config.runner?.packageFolders });
  const loaded = await loadKinds(kinds, config.connectorPackages, { from });
  for (const failure of loaded.failures.values()) throw failure;
  return loaded.connectors;
}

/** Where packages are looked for, best first. */
export function searchPlaces(
  baseDir: string,
  options: LoadConnectorsOptions & Pick<ConnectorsConfig["runner"], "packageFolders"> = {},
): readonly string[] {
  const { cwd = process.cwd(), resolveFrom = [], packageFolders = [baseDir, cwd] } = options;
  return [...packageFolders, ...resolveFrom];
}

export interface LoadedKinds {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly failures: ReadonlyMap<string, unknown>;
}

/** Loads every kind that can be loaded, side by side. */
export async function loadKinds(
  kinds: readonly string[],
  packages: Readonly<Record<string, string>>,
  places: AdapterPlaces,
): Promise<LoadedKinds> {
  const connectors = new Map<string, Connector>();
  const failures = new Map<string, unknown>();
  await Promise.all(
    [...new Set(kinds)].map(async (kind) => {
      try {
        const override = Object.hasOwn(packages, kind) ? packages[kind] : undefined;
        connectors.set(kind, await loadAdapter({ role: "connector", kind, override, ...places }));
      } catch (error) {
        failures.set(kind, error);
      }
    }),
  );
  return { connectors, failures };
}
