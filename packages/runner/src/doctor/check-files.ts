import { readdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { StateConfig } from "@statewave-connectors/config/result";
import { type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isSecret, revealed } from "@statewave-connectors/connector-sdk/secrets";
import { connectFirst } from "../control/socket/control-client.ts";
import { controlSocketPlaces } from "../control/socket/socket-path.ts";
import type { Finding } from "../checks/finding.ts";
import { probeFolder } from "./probe-folder.ts";

/**
 * Whether files of a state can be used as a run uses them: the folder takes a write, and what is in it is opened and tried. Files that another
 * process has open, or that belong to another user, are not opened. Throws what the opening and the trial throw.
 */
export async function checkFiles(config: ConnectorsConfig, state: StateConfig, tryOpened: () => Promise<void>): Promise<Finding> {
  const { baseDir, runner } = config;
  const { options } = state;
  const folder = folderOf(options, baseDir, runner.stateDir);
  const file = pathOf(options, baseDir);
  const table = state === runner.inbox ? "inbox" : "state";
  const probed = await probeFolder(folder, file === undefined ? {} : { option: `[runner.${table}] path` });
  // To open what is not there yet would make it.
  if (!probed.ok || !(await isThere(file ?? folder)) || (await isRunning(config))) return probed;
  if (!(await isOwn(folder)))
    return { ...probed, message: `${probed.message}; its files belong to another user and are not opened` };
  try {
    await tryOpened();
  } catch (error) {
    if (!isLocked(error)) throw error;
    return { ...probed, message: `${probed.message}; ${error.message}` };
  }
  return { ...probed, message: `${probed.message}, and its files can be used` };
}

/** The folder that files of a state are in. */
export function folderOf(options: Readonly<Record<string, unknown>>, baseDir: string, stateDir: string): string {
  const path = pathOf(options, baseDir);
  return path === undefined ? stateDir : dirname(path);
}

function pathOf({ path }: Readonly<Record<string, unknown>>, baseDir: string): string | undefined {
  return typeof path === "string" || isSecret(path) ? resolve(baseDir, revealed(path)) : undefined;
}

/** Whether there is such a file, or a folder with something in it. The root of a new disk holds `lost+found`. */
async function isThere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return found !== undefined;
  return (await readdir(path)).some((name) => !name.startsWith(".") && name !== "lost+found");
}

/** One that is slower is noticed by the lock on its files. */
const answersWithinMs = 2_000;

/** A runner that answers has them open, and one that refuses this user as well: another check reports it. */
async function isRunning(config: ConnectorsConfig): Promise<boolean> {
  return connectFirst(controlSocketPlaces(config), { timeoutMs: answersWithinMs }).then(
    (runner) => runner !== undefined,
    () => true,
  );
}

/** What another user makes in the folder, such as root, the user that runs the connectors could not open. */
async function isOwn(folder: string): Promise<boolean> {
  const uid = process.geteuid?.();
  return uid === undefined || (await stat(folder)).uid === uid;
}

function isLocked(error: unknown): error is ConnectorsError {
  return isConnectorsError(error) && error.code.endsWith("_LOCKED");
}
