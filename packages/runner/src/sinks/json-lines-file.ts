import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeFolder } from "@statewave-connectors/connector-sdk/host";

/** Opens a file; an argument so that a test can hand over one whose disk is full. */
export type OpenFile = (path: string, flags: number, mode: number) => Promise<FileHandle>;

const newline = 0x0a;
/** How every line of ours begins. */
const signature = Buffer.from('{"subject_id":');
const chunkBytes = 64 * 1024;

/**
 * A file of JSON lines that only grows by whole, fsynced appends. What a crash left behind the last newline was never acknowledged and
 * is cut off when the file is opened; what a failed append left is cut off before the next one. A file that was renamed or removed under
 * us (log rotation) is made again.
 */
export class JsonLinesFile {
  readonly #path: string;
  readonly #openFile: OpenFile;
  #handle: FileHandle | undefined;
  /** Where the last whole append ended, while what lies behind it may be half a line. */
  #cutAtBytes: number | undefined;

  constructor(path: string, openFile: OpenFile = open) {
    this.#path = path;
    this.#openFile = openFile;
  }

  /** Makes the folder and the file, for this user alone, when absent; resolves with the bytes of a torn tail that were cut off. */
  async open(): Promise<number> {
    await makeFolder(dirname(this.#path));
    const handle = await this.#openFile(this.#path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      const why = await whyForeign(handle);
      if (why !== undefined) throw notJsonLines(this.#path, why);
      const { size } = await handle.stat();
      if (size === 0) await syncFolder(dirname(this.#path));
      const tornBytes = await cutTornTail(handle, size);
      this.#handle = handle;
      this.#cutAtBytes = undefined;
      return tornBytes;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Appends whole lines; resolves when they are on the disk. After a rejection the file may end in half a line until the next append. */
  async append(lines: string): Promise<void> {
    const handle = await this.#current();
    if (this.#cutAtBytes !== undefined) await handle.truncate(this.#cutAtBytes);
    this.#cutAtBytes = (await handle.stat()).size;
    await handle.appendFile(lines);
    // A failed fsync may have dropped the pages it could not write: those lines, too, are cut and written again.
    await handle.datasync();
    this.#cutAtBytes = undefined;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #current(): Promise<FileHandle> {
    const handle = this.#handle;
    if (handle !== undefined) {
      const [held, named] = await Promise.all([handle.stat(), stat(this.#path).catch(() => undefined)]);
      if (named !== undefined && held.ino === named.ino && held.dev === named.dev) return handle;
      await this.close();
    }
    await this.open();
    return this.#handle!;
  }
}

/** Why episodes must not be appended to a file; undefined when it is empty or begins like ours. */
export async function whyForeign(handle: FileHandle): Promise<string | undefined> {
  const status = await handle.stat();
  if (!status.isFile()) return "it is not a regular file";
  const head = Buffer.alloc(Math.min(signature.length, status.size));
  await handle.read(head, 0, head.length, 0);
  return head.equals(signature.subarray(0, head.length)) ? undefined : "it holds something else than episodes";
}

/** Cuts what lies behind the last newline. */
async function cutTornTail(handle: FileHandle, size: number): Promise<number> {
  if (size === 0) return 0;
  const end = await endOfLastLine(handle, size);
  if (end === size) return 0;
  await handle.truncate(end);
  await handle.datasync();
  return size - end;
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(chunkBytes, size));
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(newline);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

/** Makes a new file's name durable, not only its content. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** `SINK_FILE_UNUSABLE` for a file that is foreign. */
export function notJsonLines(path: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_FILE_UNUSABLE",
    message: `${path} cannot take episodes: ${why}`,
    hint: "point [statewave] url at a new file",
  });
}
