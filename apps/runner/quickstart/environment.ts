import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Environment } from "@statewave-connectors/config";

const examples = new URL("../../../examples/", import.meta.url);

/** The configuration that `npm start` runs if the user names none. */
export function quickstartConfig(env: Environment): string {
  const example = env["GITHUB_REPO"] ? "quickstart-with-github.toml" : "quickstart.toml";
  return fileURLToPath(new URL(example, examples));
}

const defaultStateDir = "../var/quickstart";

/**
 * The variables that the configurations read besides the user's. Each sink gets its own state, because a cursor belongs to a sink and a new
 * sink should get everything.
 */
export function quickstartVariables(env: Environment): { readonly QUICKSTART_STATE_DIR: string } {
  const given = env["QUICKSTART_STATE_DIR"] || undefined;
  const url = env["STATEWAVE_URL"] || undefined;
  if (given !== undefined || url === undefined) return { QUICKSTART_STATE_DIR: given ?? defaultStateDir };
  return { QUICKSTART_STATE_DIR: `${defaultStateDir}/sink-${createHash("sha256").update(url).digest("hex").slice(0, 8)}` };
}
