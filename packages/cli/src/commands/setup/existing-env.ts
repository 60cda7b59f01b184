import { readFile, realpath } from "node:fs/promises";
import { parseEnv } from "node:util";
import { envFile, type StarterVariable } from "@statewave-connectors/config/setup";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type FileToWrite, unwritable } from "./write-files.ts";

/** The `.env` of the folder, which may hold variables of other programs. */
export interface ExistingEnv {
  /** The file itself, where a symbolic link names it. */
  readonly path: string;
  readonly text: string;
}

/** Undefined where there is none. Throws `RUNNER_OUTPUT_UNWRITABLE` for one that cannot be read. */
export async function readExistingEnv(path: string): Promise<ExistingEnv | undefined> {
  try {
    const target = await realpath(path);
    const bytes = await readFile(target);
    const text = bytes.toString("utf8");
    // What is added to is written anew, and must stay as it is.
    if (!Buffer.from(text).equals(bytes)) throw notUtf8(path);
    return { path: target, text };
  } catch (cause) {
    if (isConnectorsError(cause)) throw cause;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw unwritable(path, cause);
  }
}

function notUtf8(path: string): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_OUTPUT_UNWRITABLE",
    message: `${path} is not in UTF-8, so that nothing can be added to it without a change to the rest`,
    hint: "change its encoding to UTF-8, or name another folder",
  });
}

/** `.env` with what was typed, and the names whose earlier value stays although another was typed. */
export interface EnvToWrite {
  readonly file: FileToWrite;
  readonly unchanged: readonly string[];
}

/** Adds the variables that the file does not set yet: another program may need the others, and an earlier value may be the only copy. */
export function envToWrite(path: string, variables: readonly StarterVariable[], existing: ExistingEnv | undefined): EnvToWrite {
  if (existing === undefined) return { file: { path, text: envFile(variables), isSecret: true }, unchanged: [] };
  const set = parseEnv(existing.text);
  const missing = variables.filter(({ name }) => (set[name] ?? "") === "");
  const unchanged = variables.filter(({ name, value }) => value !== undefined && (set[name] ?? "") !== "" && set[name] !== value);
  const parts = [existing.text.replace(/(?<=[^\n])$/, "\n"), envFile(missing)].filter((part) => part !== "");
  return {
    file: { path: existing.path, text: parts.join("\n"), isSecret: true, extends: true },
    unchanged: unchanged.map(({ name }) => name),
  };
}
