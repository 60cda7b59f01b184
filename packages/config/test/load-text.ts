import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
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

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "connectors-config-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and loads it as `--config` would. */
export async function loadText(text: string | Uint8Array, options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const folder = options.cwd ?? temporaryFolder();
  writeFileSync(join(folder, "test.toml"), text);
  return loadConfig({ configPath: "test.toml", env: {}, ...options, cwd: folder });
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
