import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { codeOf, reasonOf } from "./thrown.ts";

/** How a file was found. */
export type FoundBy = "explicit" | "environment" | "working directory" | "home";

export type Environment = Readonly<Record<string, string | undefined>>;

interface Place {
  readonly path: string;
  readonly foundBy: FoundBy;
}

/**
 * Where a file may be, best first. A place that was named (by argument or by environment) is the only one: falling back to another
 * file than the one asked for would run the wrong sources.
 */
function planSearch(configPath: string | undefined, cwd: string, env: Environment): readonly Place[] {
  if (configPath !== undefined) return [{ path: resolve(cwd, configPath), foundBy: "explicit" }];
  const fromEnvironment = env["STATEWAVE_CONNECTORS_CONFIG"] ?? "";
  if (fromEnvironment !== "") return [{ path: resolve(cwd, fromEnvironment), foundBy: "environment" }];
  // The XDG specification: relative values are to be ignored.
  const xdg = env["XDG_CONFIG_HOME"] ?? "";
  const home = isAbsolute(xdg) ? xdg : join(env["HOME"] ?? homedir(), ".config");
  return [
    { path: resolve(cwd, "statewave-connectors.toml"), foundBy: "working directory" },
    { path: resolve(cwd, home, "statewave-connectors", "config.toml"), foundBy: "home" },
  ];
}

/** Finds the file. Throws `CONFIG_NOT_FOUND` with every place looked at. */
export async function findConfig(configPath: string | undefined, cwd: string, env: Environment): Promise<Place> {
  const places = planSearch(configPath, cwd, env);
  for (const place of places) {
    if (await isFile(place.path)) return place;
  }
  const looked = places.map((place) => `${place.path} (${place.foundBy})`).join(", ");
  throw new ConnectorsError({
    code: "CONFIG_NOT_FOUND",
    message: `No configuration file found; looked at ${looked}`,
    hint: "write one there, or name it with --config or $STATEWAVE_CONNECTORS_CONFIG",
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw unreadable(path, error);
  }
}

/** `CONFIG_UNREADABLE`: the file is there, but the system does not let us have it. */
export function unreadable(path: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "CONFIG_UNREADABLE",
    message: `${path} cannot be read: ${reasonOf(cause)}`,
    hint: "check its permissions",
    cause,
  });
}
