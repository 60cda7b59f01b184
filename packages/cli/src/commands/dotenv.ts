import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

type Variables = Readonly<Record<string, string | undefined>>;

/** The environment with the variables of a file such as `.env`; those of the environment win. Throws `CONFIG_DOTENV_UNREADABLE`. */
export function withDotenv(env: Variables, path: string | undefined, cwd: string): Variables {
  return path === undefined ? env : { ...readVariables(resolve(cwd, path)), ...env };
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
