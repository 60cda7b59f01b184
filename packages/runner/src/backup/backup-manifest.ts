import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import { systemCodeOf } from "@statewave-connectors/connector-sdk/http";

/** A file of a back-up. */
export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What `backup.json` holds. It is written last: a folder without it is no whole back-up. */
export interface BackupManifest {
  /** ISO 8601. */
  readonly madeAt: string;
  readonly files: readonly BackupFile[];
}

const manifestName = "backup.json";
const format = "statewave-connectors/backup";
const version = 1;

/** Describes the named files of a folder. */
export async function describeFiles(folder: string, names: readonly string[]): Promise<readonly BackupFile[]> {
  const files: BackupFile[] = [];
  for (const name of names) {
    const hash = createHash("sha256");
    let bytes = 0;
    await pipeline(createReadStream(join(folder, name)), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    });
    files.push({ name, bytes, sha256: hash.digest("hex") });
  }
  return files;
}

/** Makes the files of a folder a back-up. */
export async function writeManifest(folder: string, { madeAt, files }: BackupManifest): Promise<void> {
  const file = await open(join(folder, manifestName), "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format, version, made_at: madeAt, files }, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The back-up in a folder, with each file as it was written. Throws `STORE_BACKUP_INVALID`. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const manifest = parseManifest(await read(folder), folder);
  const names = manifest.files.map(({ name }) => name);
  const found = await describeFiles(folder, names).catch((cause: unknown) => {
    throw invalid(folder, `a file of it cannot be read: ${toError(cause).message}`, cause);
  });
  const damaged = names.filter((_, index) => found[index]?.sha256 !== manifest.files[index]?.sha256);
  if (damaged.length > 0) throw invalid(folder, `${damaged.join(", ")} is not as it was written`);
  return manifest;
}

async function read(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, manifestName), "utf8"));
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT" && !existsSync(folder)) throw refused(`there is no folder ${folder}`, cause);
    if (code === undefined || code === "ENOENT")
      throw invalid(folder, `${manifestName} is missing or no JSON, as after a back-up that was interrupted`, cause);
    throw new ConnectorsError({
      code: "STORE_BACKUP_INVALID",
      message: `${folder} cannot be read: ${toError(cause).message}`,
      hint: "name the folder of a back-up, and run the command as a user who may read it; nothing was changed",
      cause,
    });
  }
}

function parseManifest(value: unknown, folder: string): BackupManifest {
  const { format: found, version: number, made_at: madeAt, files } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (found !== format) throw invalid(folder, `${manifestName} does not say "format": "${format}"`);
  if (number !== version)
    throw invalid(folder, `it has the version ${String(number)}, and this release reads version ${version}`);
  if (typeof madeAt !== "string" || !Array.isArray(files) || !files.every(isFile))
    throw invalid(folder, `${manifestName} is not whole`);
  return { madeAt, files };
}

/** A name that leads out of the folder is none. */
function isFile(value: unknown): value is BackupFile {
  const { name, bytes, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof name === "string" && /^[a-z0-9._-]+$/.test(name) && typeof bytes === "number" && typeof sha256 === "string";
}

function invalid(folder: string, why: string, cause?: unknown): ConnectorsError {
  return refused(`${folder} is not a whole back-up: ${why}`, cause);
}

function refused(message: string, cause: unknown): ConnectorsError {
  const hint = "name the folder of another back-up; nothing was changed";
  return new ConnectorsError({ code: "STORE_BACKUP_INVALID", message, hint, cause });
}
