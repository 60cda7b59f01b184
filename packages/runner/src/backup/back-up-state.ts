import { readdir } from "node:fs/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeFolder } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { type BackupManifest, describeFiles, writeManifest } from "./backup-manifest.ts";

export interface BackedUpState {
  readonly store: Pick<CursorStore, "backup">;
  readonly inbox: Pick<Inbox, "backup">;
}

/**
 * Copies cursors, records, events and dead letters into a new folder, while they are in use. Cursors come first: an item is buried before its
 * cursor moves, so every item that a copied cursor has passed was delivered, or is in the copy of the inbox.
 */
export async function backUpState({ store, inbox }: BackedUpState, folder: string, nowMs: number): Promise<BackupManifest> {
  if (store.backup === undefined || inbox.backup === undefined) throw unsupported();
  await makeEmpty(folder);
  const names = [...(await store.backup(folder)), ...(await inbox.backup(folder))];
  const manifest = { madeAt: new Date(nowMs).toISOString(), files: await describeFiles(folder, names) };
  await writeManifest(folder, manifest);
  return manifest;
}

async function makeEmpty(folder: string): Promise<void> {
  let isEmpty: boolean;
  try {
    await makeFolder(folder);
    isEmpty = (await readdir(folder)).length === 0;
  } catch (cause) {
    throw new ConnectorsError({
      code: "STORE_BACKUP_FAILED",
      message: `the folder ${folder} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "name a new folder in one that the user of the runner may write to",
      cause,
    });
  }
  if (isEmpty) return;
  throw new ConnectorsError({
    code: "STORE_BACKUP_FAILED",
    message: `the folder ${folder} is not empty`,
    hint: "name a new folder: a back-up replaces no other one",
  });
}

/** For stores and inboxes that are not in files. */
export function unsupported(): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_BACKUP_UNSUPPORTED",
    message: "cursors or webhooks of this configuration are not in files of this machine",
    hint: "use the back-ups of the server, such as pg_dump or the append-only file of Redis",
  });
}
