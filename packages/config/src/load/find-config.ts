import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { foreignOwnerHint } from "@statewave-connectors/connector-sdk/host";
import { codeOf, reasonOf } from "../thrown.ts";

/** How a file was found. */
export type FoundBy = "explicit" | "environment" | "working directory" | "home";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A file, absolute, and how it was found. */
export interface FoundConfig {
  readonly path: string;
  readonly foundBy: FoundBy;
}

/**
 * Where a file may be, best first. A place that was named (by argument or by environment) is the only one: falling back to another
 * file than the named one would run the wrong sources.
 */
function planSearch(configPath: string | undefined, cwd: string, env: Environment): readonly FoundConfig[] {
  if (configPath !== undefined) return [{ path: resolve(cwd, configPath), foundBy: "explicit" }];
  const fromEnvironment = env["STATEWAVE_CONNECTORS_CONFIG"] ?? "";
  if (fromEnvironment !== "") return [{ path: resolve(cwd, fromEnvironment), foundBy: "environment" }];
  // The XDG specification: relative values are to be ignored.
  const xdg = env["XDG_CONFIG_HOME"] ?? "";
  const home = isAbsolute(xdg) ? xdg : defaultConfigHome(env);
  const inCwd: FoundConfig = { path: resolve(cwd, "statewave-connectors.toml"), foundBy: "working directory" };
  if (home === undefined) return [inCwd];
  return [inCwd, { path: resolve(cwd, home, "statewave-connectors", "config.toml"), foundBy: "home" }];
}

/** Undefined for a user without a home, such as one that the system does not know. */
function defaultConfigHome(env: Environment): string | undefined {
  try {
    return join(env["HOME"] ?? homedir(), ".config");
  } catch {
    return undefined;
  }
}

/** Finds the file. Throws `CONFIG_NOT_FOUND` with every place looked at, or with what the named path is instead of a file. */
export async function findConfig(configPath: string | undefined, cwd: string, env: Environment): Promise<FoundConfig> {
  const places = planSearch(configPath, cwd, env);
  for (const place of places) {
    const found = await look(place.path);
    if (found === undefined) continue;
    if (found.isFile()) return { path: await withoutDescriptor(place.path), foundBy: place.foundBy };
    if (places.length === 1) throw notAFile(place.path, found);
  }
  const looked = places.map(describePlace).join(", ");
  throw new ConnectorsError({
    code: "CONFIG_NOT_FOUND",
    message: `no configuration file found; looked at ${looked}`,
    hint: "write one there, or name it with --config or $STATEWAVE_CONNECTORS_CONFIG",
  });
}

function describePlace({ path, foundBy }: FoundConfig): string {
  if (foundBy === "explicit") return path;
  return `${path} (${foundBy === "environment" ? "from $STATEWAVE_CONNECTORS_CONFIG" : foundBy})`;
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
}

/** `/dev/stdin` may be a regular file: paths in it start at the folder of that file, not at /dev. */
function withoutDescriptor(path: string): Promise<string> | string {
  return /^\/(dev|proc)\//.test(path) ? realpath(path) : path;
}

/** A pipe may never end and has no folder, where relative paths of a configuration start. */
function notAFile(path: string, found: Stats): ConnectorsError {
  if (found.isDirectory()) {
    return new ConnectorsError({
      code: "CONFIG_NOT_FOUND",
      message: `${path} is a folder, not a configuration file`,
      hint: `name the file in it: --config ${join(path, "statewave-connectors.toml")}`,
    });
  }
  const what = found.isFIFO() ? "a pipe" : found.isSocket() ? "a socket" : "a device";
  return new ConnectorsError({
    code: "CONFIG_NOT_FOUND",
    message: `${path} is ${what}, not a configuration file`,
    hint: "write the configuration to a file and name that one: its folder is where relative paths start",
  });
}

/** `CONFIG_UNREADABLE`: the file is there, but the system does not let us have it. */
export function unreadable(path: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "CONFIG_UNREADABLE",
    message: `${path} cannot be read: ${reasonOf(cause)}`,
    hint: foreignOwnerHint(path) ?? "check its permissions",
    cause,
  });
}
