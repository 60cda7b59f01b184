import { parentPort, workerData } from "node:worker_threads";
import { openDatabase, OpenRefused } from "./open-database.ts";
import type { BackupRequest, BatchRequest, Reply, Request, WorkerOptions } from "./protocol.ts";
import { toWireError } from "./sqlite-errors.ts";
import { Storage } from "./storage.ts";

/**
 * The thread that owns the inbox file. It imports nothing but Node's own modules and its neighbours: it must start from source and from
 * a build alike.
 */
const port = parentPort!;
const options = workerData as WorkerOptions;

const shrinkEveryMs = 50;

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Answers whether the thread continues. */
function serveBatch(storage: Storage, request: BatchRequest): boolean {
  const { results, broken } = storage.apply(request);
  if (broken !== undefined || request.claim === undefined) {
    reply({ type: "batch", results, claim: undefined, broken });
    return broken === undefined;
  }
  try {
    const claim = storage.claim(request.claim, request.nowMs);
    const bodies = claim.rows.map(({ body }) => body.buffer as ArrayBuffer);
    reply({ type: "batch", results, claim, broken: undefined }, bodies);
    return true;
  } catch (error) {
    reply({ type: "batch", results, claim: undefined, broken: toWireError(error, options.path) });
    return false;
  }
}

let shrinking: NodeJS.Timeout | undefined;

/** Gives disk space back in small steps, between batches, until little is free. */
function shrinkLater(storage: Storage): void {
  if (shrinking !== undefined || !storage.isSpacious()) return;
  shrinking = setTimeout(() => {
    shrinking = undefined;
    storage.shrink();
    shrinkLater(storage);
  }, shrinkEveryMs);
}

async function serveBackup(storage: Storage, { id, path }: BackupRequest): Promise<void> {
  try {
    await storage.backup(path);
    reply({ type: "backup", id, error: undefined });
  } catch (error) {
    reply({ type: "backup", id, error: error instanceof OpenRefused ? error.wire : toWireError(error, path) });
  }
}

function serve(storage: Storage, request: Request): void {
  if (request.type === "backup") return void serveBackup(storage, request);
  if (request.type === "batch" && serveBatch(storage, request)) return shrinkLater(storage);
  clearTimeout(shrinking);
  if (request.type === "close") storage.finishWipe();
  storage.close();
  if (request.type === "close") reply({ type: "closed" });
  port.close();
}

function start(): void {
  try {
    const storage = new Storage(openDatabase(options.path), options);
    port.on("message", (request: Request) => serve(storage, request));
    reply({ type: "opened" });
  } catch (error) {
    reply({ type: "refused", error: error instanceof OpenRefused ? error.wire : toWireError(error, options.path) });
  }
}

start();
