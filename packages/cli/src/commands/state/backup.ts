import { resolve } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import type { BackupManifest } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { whenConfirmed } from "../../terminal/confirm.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { untilStopped } from "../../process/until-stopped.ts";
import { withOperations } from "../with-operations.ts";

/** Copies the state into a folder. */
export function backUp(
  context: CommandContext,
  folder: string,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  const { terminal } = context;
  const path = resolve(terminal.cwd, folder);
  return withOperations(context, async (operations) => {
    const manifest = await operations.backUp(path);
    terminal.stdout.write(json ? toJson(path, manifest) : `${describe(manifest)} copied to ${path}\n`);
    return exitCode.ok;
  });
}

export interface RestoreCommandOptions {
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Replaces the state with a back-up; the audit log of the restored state names who did it. */
export async function restore(context: CommandContext, folder: string, options: RestoreCommandOptions): Promise<ExitCode> {
  const { terminal, resolveFrom } = context;
  const path = resolve(terminal.cwd, folder);
  const [{ config }, { checkBackup, createLogger }] = await Promise.all([
    loadConfig({ ...context.configOptions, resolveFrom }),
    import("@statewave-connectors/runner/operations"),
  ]);
  const logger = createLogger({ format: "text", level: context.logLevel ?? "warn", formatHint: hintFormat(context) });
  const backup = await checkBackup({ config, logger, resolveFrom }, path);
  const { manifest } = backup;
  const what = `replace the state of ${config.runner.stateDir} with the back-up of ${manifest.madeAt} (${describe(manifest)})`;
  const code = await untilStopped(terminal, (signal) =>
    whenConfirmed(terminal, { what, yes: options.yes, signal }, async () => {
      await backup.restore();
      terminal.stdout.write(options.json === true ? toJson(path, manifest) : `${describe(manifest)} restored from ${path}\n`);
      return exitCode.ok;
    }),
  );
  if (code !== exitCode.ok) return code;
  return withOperations(context, (operations, signal) => {
    const acting = { command: "restore", targets: [path], what, yes: true, as: options.as, signal };
    return act(context, operations, acting, async () => ({ result: exitCode.ok, after: { made_at: manifest.madeAt } }));
  });
}

function describe({ files }: BackupManifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const size = bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${counted(files.length, "file")}, ${size}`;
}

function toJson(folder: string, { madeAt, files }: BackupManifest): string {
  return `${JSON.stringify({ folder, made_at: madeAt, files }, undefined, 2)}\n`;
}
