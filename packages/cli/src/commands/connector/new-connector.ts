import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeFolder } from "@statewave-connectors/connector-sdk/host";
import { directed, type Direction } from "./template/directed.ts";
import { kindProblem, type PackageFiles, renamedFiles } from "./template/rename.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { folderMode } from "../setup/write-files.ts";

export interface NewConnectorOptions {
  /** Default `./statewave-connector-<kind>`. */
  readonly folder?: string;
  /** Default: both directions. */
  readonly only?: Direction | undefined;
  /** Default: the template that this package was published with. */
  readonly template?: PackageFiles;
  readonly json?: boolean;
}

/**
 * Writes a connector package of its own: whole, with green tests. Throws `RUNNER_TEMPLATE_KIND_INVALID`, `RUNNER_TEMPLATE_FOLDER_EXISTS`
 * when the folder exists, and `RUNNER_TEMPLATE_MISSING` in a checkout.
 */
export async function newConnector(
  { terminal }: Pick<CommandContext, "terminal">,
  kind: string,
  { folder = `statewave-connector-${kind}`, only, template, json = false }: NewConnectorOptions,
): Promise<ExitCode> {
  const problem = kindProblem(kind);
  if (problem !== undefined) {
    throw new ConnectorsError({ code: "RUNNER_TEMPLATE_KIND_INVALID", message: problem, hint: "choose the name of the source" });
  }
  const target = resolve(terminal.cwd, folder);
  const files = renamedFiles(directed(template ?? (await publishedTemplate()), only), kind);
  await createFolder(target);
  for (const [path, text] of Object.entries(files)) {
    await makeFolder(dirname(join(target, path)), folderMode);
    await writeFile(join(target, path), text, { flag: "wx", mode: 0o644 });
  }
  if (json) {
    terminal.stdout.write(`${JSON.stringify({ kind, folder: target, files: Object.keys(files) })}\n`);
    return exitCode.ok;
  }
  const shown = relative(terminal.cwd, target) || ".";
  terminal.stdout.write(
    `${shown} is a connector for "${kind}": ${doing[only ?? "both"]} an invented service, and its tests pass.\n\n` +
      `  cd ${shown} && npm install && npm test && npm run build\n\n` +
      `Name it in the configuration file:\n\n  [connectors]\n  ${kind} = "./${shown}"\n`,
  );
  return exitCode.ok;
}

const doing = { pull: "it reads", push: "it takes the webhooks of", both: "it reads, and takes the webhooks of," } as const;

async function createFolder(target: string): Promise<void> {
  try {
    await makeFolder(dirname(target), folderMode);
    await mkdir(target);
  } catch (cause) {
    throw new ConnectorsError({
      code: "RUNNER_TEMPLATE_FOLDER_EXISTS",
      message: `${target} cannot be created: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "name another folder with --folder",
      cause,
    });
  }
}

/** Beside the built program, by scripts/write-connector-template.mjs. */
async function publishedTemplate(): Promise<PackageFiles> {
  try {
    const text = await readFile(new URL("connector-template.json", import.meta.url), "utf8");
    return JSON.parse(text) as PackageFiles;
  } catch (cause) {
    throw new ConnectorsError({
      code: "RUNNER_TEMPLATE_MISSING",
      message: "this statewave-connectors has no template of a connector",
      hint: "install the published package; in a checkout run `npm run new-connector -- <kind>`",
      cause,
    });
  }
}
