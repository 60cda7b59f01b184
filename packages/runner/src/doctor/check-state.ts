import { randomUUID } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { isSecret, revealed } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { type Finding, noSource } from "./finding.ts";
import { probeFolder } from "./probe-folder.ts";

/** How the stores are opened, as a run would. */
export interface OpenStores {
  readonly cursorStore: () => Promise<CursorStore>;
  readonly inbox: () => Promise<Inbox>;
}

/**
 * Whether the store of cursors takes a write. One on a server is opened and gets a record that is removed again; files in a folder may be
 * held by a running process, so only the folder is tried.
 */
export async function checkState({ runner, baseDir }: ConnectorsConfig, { cursorStore }: OpenStores): Promise<Finding> {
  const { kind, livesIn, options } = runner.state;
  if (livesIn === "process") return { ok: true, message: "cursors are held in memory and end with the process" };
  if (livesIn === "files") return probeFolder(folderOf(options, baseDir, runner.stateDir));
  const store = await cursorStore();
  try {
    await writeAndRemove(store);
    return { ok: true, message: `${kind} takes writes: cursors are ${store.durability}` };
  } finally {
    await store.close();
  }
}

/** Whether the inbox takes a write; in a folder as above. */
export async function checkInbox({ runner, baseDir }: ConnectorsConfig, { inbox: open }: OpenStores): Promise<Finding> {
  const { kind, livesIn, options } = runner.inbox;
  if (livesIn === "process") return { ok: true, message: "webhooks wait in memory: a crash loses those that were accepted" };
  if (livesIn === "files") return probeFolder(folderOf(options, baseDir, runner.stateDir));
  const inbox = await open();
  try {
    const { depth } = await inbox.stats();
    await buryAndDiscard(inbox);
    return { ok: true, message: `${kind} answers: a 2xx means ${inbox.durability}; ${depth} waiting` };
  } finally {
    await inbox.close();
  }
}

function folderOf(options: Readonly<Record<string, unknown>>, baseDir: string, stateDir: string): string {
  const { path } = options;
  return typeof path === "string" || isSecret(path) ? dirname(resolve(baseDir, revealed(path))) : stateDir;
}

async function writeAndRemove(store: CursorStore): Promise<void> {
  const { records } = store;
  if (records === undefined) {
    await store.set(noSource, "{}");
    await store.delete(noSource);
    return;
  }
  const place = { scope: "doctor", key: randomUUID() };
  const written = await records.compareAndSet({ ...place, value: "{}", expectedVersion: 0, ttlMs: recordTtlMs });
  if (written.stored) await records.compareAndSet({ ...place, expectedVersion: written.version });
}

/** A dead letter is the one write that no consumer acts upon. Those that an earlier check had to leave are discarded, too. */
async function buryAndDiscard(inbox: Inbox): Promise<void> {
  const place = { subject: "doctor:check", kind: "doctor.check", idempotency_key: randomUUID() };
  const episode = { ...place, text: "a check", occurred_at: "2026-01-01T00:00:00Z", source: { type: "doctor", id: "check" } };
  await inbox.buryEpisode(noSource, episode, "written and discarded by doctor");
  const letters = await inbox.listDeadLetters({ source: noSource });
  await inbox.discardDeadLetters(letters.map(({ key }) => key));
}

/** If this process ends between the two writes, the store removes the record. */
const recordTtlMs = 60_000;
