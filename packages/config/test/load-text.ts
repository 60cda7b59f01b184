import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import {
  type ConfigInvalidError,
  type ConfigProblem,
  loadConfig,
  type LoadConfigOptions,
  type LoadedConfig,
} from "../src/index.ts";

export const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));

/** The `[connectors]` table that finds the fixtures. */
export const fixtureConnectors = `
[connectors]
full = "${fixtures}full.mjs"
pullonly = "${fixtures}pull-only.mjs"
pushonly = "${fixtures}push-only.mjs"
other = "${fixtures}other-schema.mjs"
throwing = "${fixtures}throwing-schema.mjs"
throws = "${fixtures}throws.mjs"
absent = "./absent.mjs"
`;

/** A program whose folder has the packages of the fixtures' stores and inboxes: `disk`, `server`, `plain`, `broken`. */
function makeProgram(): string {
  const program = temporaryFolder("connectors-program-");
  for (const kind of ["disk", "server", "plain", "broken"]) {
    for (const [role, name] of [
      ["cursor-store", "openCursorStore"],
      ["inbox", "openInbox"],
    ] as const) {
      const folder = join(program, "node_modules", `statewave-${role}-${kind}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ exports: "./index.mjs" }));
      writeFileSync(join(folder, "index.mjs"), `export { ${name} } from "${fixtures}adapters/${kind}.mjs";`);
    }
  }
  return program;
}

export function temporaryFolder(prefix = "connectors-config-"): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and loads it as `--config` would. */
export async function loadText(text: string | Uint8Array, options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const folder = options.cwd ?? temporaryFolder();
  writeFileSync(join(folder, "test.toml"), text);
  const resolveFrom = options.resolveFrom ?? [makeProgram()];
  return loadConfig({ configPath: "test.toml", env: {}, ...options, resolveFrom, cwd: folder });
}

/** Loads a text with a sink and the fixtures in it. */
export function loadEntries(text: string, options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  return loadText(`[statewave]\nurl = "stdout:"\n${text}\n${fixtureConnectors}`, options);
}

/** What is wrong with a text; fails when nothing is. */
export async function problemsOf(load: Promise<LoadedConfig>): Promise<readonly ConfigProblem[]> {
  return (await errorOf(load)).problems;
}

export async function errorOf(load: Promise<LoadedConfig>): Promise<ConfigInvalidError> {
  const error: unknown = await load.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error("the config was taken");
  if ((error as ConfigInvalidError).code !== "CONFIG_INVALID") throw error;
  return error as ConfigInvalidError;
}
