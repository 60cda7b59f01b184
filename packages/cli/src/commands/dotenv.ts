import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Variables of the environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment with the variables of a file such as `.env`; those of the environment win. Throws `CONFIG_DOTENV_UNREADABLE`. */
export function withDotenv(env: Variables, path: string | undefined, cwd: string): Variables {
  return path === undefined ? env : { ...readVariables(resolve(cwd, path)), ...env };
}

const usualName = ".env";
/** A file of variables is small; reading one must not fill the memory. */
const maxBytes = 1024 * 1024;

/**
 * What to do about a variable that is not set, as `text` reports it, where a `.env` of the working directory sets it and `--dotenv` was not
 * given. No program reads that file by itself.
 */
export function forgottenDotenv(text: string, dotenvPath: string | undefined, cwd: string): string | undefined {
  if (dotenvPath !== undefined) return undefined;
  const names = Array.from(text.matchAll(/the environment variable (\w+) is not set/g), ([, name = ""]) => name);
  const found = names.length === 0 ? {} : variablesAt(join(cwd, usualName));
  const first = names.find((name) => (found[name] ?? "") !== "");
  return first === undefined ? undefined : `pass \`--dotenv ${usualName}\`: that file sets ${first}, and is not read otherwise`;
}

function variablesAt(path: string): Variables {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= maxBytes ? parseEnv(readFileSync(path, "utf8")) : {};
  } catch {
    return {};
  }
}

function readVariables(path: string): Variables {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new ConnectorsError({
      code: "CONFIG_DOTENV_UNREADABLE",
      message: `${path} cannot be read: ${code}`,
      hint: "name a file with a line NAME=value for each variable, such as a copy of .env.example",
      cause,
    });
  }
}
