import { readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import { errorCodeOf } from "../doctor/error-code-of.ts";
import { folderOf } from "../doctor/check-files.ts";
import type { Finding } from "./finding.ts";

const mebibyte = 1024 * 1024;
/** Below this the state cannot be written for long. */
const leastFreeBytes = 16 * mebibyte;
const scarceFreeBytes = 512 * mebibyte;
/** What a runner needs besides a connection or two for each entry. */
const baseFiles = 256;

/** What the state needs of this machine: room on its disk, and files that may be open. Nothing is reported where the system does not show it. */
export async function checkMachine(config: ConnectorsConfig): Promise<readonly Finding[]> {
  const [disks, files] = await Promise.all([checkDisks(config), checkOpenFiles(config)]);
  return [...disks, files].filter((finding) => finding !== undefined);
}

/** The disks that something is written to and that have no room for it. */
export async function fullDisks(
  config: ConnectorsConfig,
): Promise<readonly { readonly folder: string; readonly message: string }[]> {
  const looks = await Promise.all(
    (await writtenFolders(config)).map(async (folder) => ({ folder, finding: await checkDisk(folder) })),
  );
  return looks.flatMap(({ folder, finding }) => (finding?.ok === false ? [{ folder, message: finding.message }] : []));
}

/** A line for each disk that something is written to. */
async function checkDisks(config: ConnectorsConfig): Promise<readonly (Finding | undefined)[]> {
  return Promise.all((await writtenFolders(config)).map(checkDisk));
}

/** One folder of each disk that something is written to. */
async function writtenFolders({ runner, baseDir, statewave }: ConnectorsConfig): Promise<readonly string[]> {
  const written = [
    ...[runner.state, runner.inbox].flatMap(({ livesIn, options }) =>
      livesIn === "files" ? [folderOf(options, baseDir, runner.stateDir)] : [],
    ),
    ...(statewave.url.startsWith("file:") ? [dirname(statewave.url.slice("file:".length))] : []),
  ];
  const byDisk = new Map<unknown, string>();
  for (const wanted of written) {
    const folder = await nearestFolder(wanted);
    const disk = await stat(folder).then(
      ({ dev }) => dev,
      () => folder,
    );
    if (!byDisk.has(disk)) byDisk.set(disk, folder);
  }
  return [...byDisk.values()];
}

async function checkDisk(folder: string): Promise<Finding | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  if (found === undefined || found.blocks === 0) return undefined;
  return judgeDisk(folder, { freeBytes: found.bavail * found.bsize, freeFiles: found.files === 0 ? undefined : found.ffree });
}

async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    (error: unknown) => errorCodeOf(error) !== "ENOENT",
  );
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

/** What is free on a disk; undefined where a file system does not count its files. */
interface FreeSpace {
  readonly freeBytes: number;
  readonly freeFiles: number | undefined;
}

/** Whether a disk has room for a state. */
export function judgeDisk(folder: string, { freeBytes, freeFiles }: FreeSpace): Finding {
  const hint = "free space on this disk, or point [runner] state_dir at another one";
  if (freeFiles !== undefined && freeFiles < 16)
    return { ok: false, message: `the disk of ${folder} has no room for further files`, hint };
  const free = `${Math.floor(freeBytes / mebibyte)} MiB are free on the disk of ${folder}`;
  if (freeBytes < leastFreeBytes) return { ok: false, message: `only ${free}`, hint };
  return freeBytes < scarceFreeBytes ? { ok: true, isWarning: true, message: `only ${free}`, hint } : { ok: true, message: free };
}

async function checkOpenFiles({ pull, push }: ConnectorsConfig): Promise<Finding | undefined> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined || soft === "unlimited") return undefined;
  return judgeOpenFiles(Number(soft), pull.length + push.length);
}

/** Whether a process may open enough files. */
export function judgeOpenFiles(limit: number, entries: number): Finding {
  const needed = baseFiles + 2 * entries;
  if (limit >= needed) return { ok: true, message: `up to ${limit} files may be open` };
  return {
    ok: true,
    isWarning: true,
    message: `only ${limit} files may be open, and ${entries} entries need ${needed}`,
    hint: "raise the limit: `ulimit -n`, LimitNOFILE of systemd, or the ulimits of the container",
  };
}
