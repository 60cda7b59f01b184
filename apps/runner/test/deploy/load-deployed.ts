import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedConfig, loadConfig } from "@statewave-connectors/config";
import type { TestContext } from "vitest";
import { readDeployed } from "./deploy-folder.ts";

interface Loaded extends Pick<LoadedConfig, "config"> {
  /** The files that it names as secrets. */
  readonly secretFiles: readonly string[];
}

interface LoadOptions {
  readonly requireEntries?: boolean;
  /** What a person changes in it. */
  readonly edit?: (text: string) => string;
}

/** Loads a configuration of `deploy/` as `run` does, with a secret in the place of each `${file:…}`. */
export async function loadDeployed(
  path: string,
  env: Readonly<Record<string, string>>,
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  { requireEntries = true, edit = (text) => text }: LoadOptions = {},
): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), "deployed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = edit(readDeployed(path));
  const reference = /\$\{file:(?<file>[^}]+)\}/g;
  const secretFiles = [...text.matchAll(reference)].map(({ groups }) => groups?.["file"] ?? "");
  const secret = join(folder, "secret");
  writeFileSync(secret, "a-secret-value\n");
  const configPath = join(folder, "statewave-connectors.toml");
  writeFileSync(configPath, text.replaceAll(reference, `\${file:${secret}}`));
  const { config } = await loadConfig({ configPath, env, requireEntries, resolveFrom: [import.meta.url] });
  return { config, secretFiles };
}
