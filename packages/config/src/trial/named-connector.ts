import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Connector, ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { trustedFolders } from "../adapters/code-trust.ts";
import { kindPattern } from "../schema/kind.ts";
import { isPathOverride, loadAdapter, loadConnectorOf } from "../adapters/load-adapter.ts";
import { leftOutFolders, packageName } from "../check/check-packages.ts";
import { type LoadConnectorsOptions, searchPlaces } from "../adapters/load-connectors.ts";

export interface NamedConnector {
  readonly connector: Connector;
  /** What `[connectors]` has to say for the connector to be found by its kind; absent when its package has the usual name. */
  readonly override?: string;
}

/**
 * The connector that a person names by its kind, its package or its path. A path is code that they chose; packages are looked for where a
 * configuration file in the working directory may have them. Throws as `loadAdapter` does.
 */
export async function loadNamedConnector(
  named: string,
  { cwd = process.cwd(), resolveFrom = [] }: LoadConnectorsOptions,
): Promise<NamedConnector> {
  if (isPathOverride(named)) return { connector: await byPath(named, cwd), override: named };
  const packageFolders = trustedFolders({ path: join(cwd, "statewave-connectors.toml"), foundBy: "working directory" }, cwd);
  const from = searchPlaces(cwd, { cwd, resolveFrom, packageFolders });
  let missing: ConnectorsError | undefined;
  for (const load of [byKind, byPackage]) {
    try {
      const found = await load(named, from);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isConnectorsError(error, "CONFIG_PACKAGE_NOT_FOUND")) throw error;
      missing ??= error;
    }
  }
  throw notFound(named, cwd, missing, packageFolders === undefined ? "" : leftOutFolders);
}

async function byKind(named: string, from: readonly string[]): Promise<NamedConnector | undefined> {
  return kindPattern.test(named) ? { connector: await loadAdapter({ role: "connector", kind: named, from }) } : undefined;
}

async function byPackage(named: string, from: readonly string[]): Promise<NamedConnector | undefined> {
  if (!packageName.test(named)) return undefined;
  const connector = await loadConnectorOf(named, from);
  const usual = [`@statewave-connectors/connector-${connector.kind}`, `statewave-connector-${connector.kind}`];
  return usual.includes(named) ? { connector } : { connector, override: named };
}

async function byPath(path: string, cwd: string): Promise<Connector> {
  try {
    return await loadConnectorOf(path, [cwd]);
  } catch (error) {
    if (!isConnectorsError(error, "CONFIG_PACKAGE_NOT_FOUND")) throw error;
    const { code, message, cause } = error;
    throw new ConnectorsError({ code, message, hint: "write the path relative to the working directory", cause });
  }
}

function notFound(named: string, cwd: string, missing: ConnectorsError | undefined, narrowed: string): ConnectorsError {
  const isHere = existsSync(join(cwd, named));
  return new ConnectorsError({
    code: "CONFIG_PACKAGE_NOT_FOUND",
    message: missing === undefined ? `"${named}" is neither a kind nor a package` : missing.message + narrowed,
    hint: isHere ? `write ./${named} for what is in the working directory` : (missing?.hint ?? usualNames),
  });
}

const usualNames = "name a kind such as github, a package, or a path that begins with ./";
