import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type ParsedConfig } from "@statewave-connectors/config";
import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type Inbox, type OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore, OpenCursorStore, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { openCursorStore as openFileStore } from "@statewave-connectors/cursor-store-file";
import { openCursorStore as openPostgresStore } from "@statewave-connectors/cursor-store-postgres";
import { openCursorStore as openRedisStore } from "@statewave-connectors/cursor-store-redis";
import { openInbox as openFileInbox } from "@statewave-connectors/inbox-file";
import { openInbox as openPostgresInbox } from "@statewave-connectors/inbox-postgres";
import { openInbox as openRedisInbox } from "@statewave-connectors/inbox-redis";
import { createRunner } from "@statewave-connectors/runner";
import { openOperations, type Operations } from "@statewave-connectors/runner/operations";
import { onTestFinished } from "vitest";
import { connector as ranged } from "../../backfill/ranged-connector.ts";
import { DyingProcess } from "./dying-process.ts";

const adapters: Readonly<Record<string, { readonly store: OpenCursorStore; readonly inbox: OpenInbox }>> = {
  file: { store: openFileStore, inbox: openFileInbox },
  postgres: { store: openPostgresStore, inbox: openPostgresInbox },
  redis: { store: openRedisStore, inbox: openRedisInbox },
};

export const rangedSource: SourceKey = { kind: "ranged", name: "all" };

interface Parts extends Pick<ActingWorld, "store" | "inbox"> {
  readonly parsed: ParsedConfig;
}

async function operationsOn({ parsed, store, inbox }: Parts, process: DyingProcess): Promise<Operations> {
  const { config, connectors } = parsed;
  const places = { cursorStore: process.view(store), inbox: process.view(inbox) };
  return (await openOperations({ config, connectors, logger: silentLogger, ...places })).operations;
}

/** A state on which commands act, looked at from the outside. */
export class ActingWorld {
  readonly store: CursorStore;
  readonly inbox: Inbox;
  readonly records: StoreRecords;
  /** Of a process that lives on. */
  readonly operations: Operations;
  /** A source that no other command acts on. */
  readonly newSource: () => SourceKey;
  readonly #parsed: ParsedConfig;

  private constructor({ parsed, store, inbox, operations }: Parts & Pick<ActingWorld, "operations">) {
    if (store.records === undefined) throw new Error("the store keeps no records");
    let names = 0;
    this.#parsed = parsed;
    this.store = store;
    this.inbox = inbox;
    this.records = store.records;
    this.operations = operations;
    this.newSource = () => ({ kind: "notes", name: `n${(names += 1)}` });
  }

  static async open(parts: Parts): Promise<ActingWorld> {
    return new ActingWorld({ ...parts, operations: await operationsOn(parts, new DyingProcess()) });
  }

  /** What a command calls in this process. */
  operationsOf(process: DyingProcess): Promise<Operations> {
    return operationsOn({ parsed: this.#parsed, store: this.store, inbox: this.inbox }, process);
  }

  /** Starts a runner on the state; answers what a command calls that finds it running. */
  async startRunner(): Promise<Operations> {
    const { config, connectors } = this.#parsed;
    const common = { config, connectors, logger: silentLogger };
    const runner = await createRunner({ ...common, cursorStore: this.store, inbox: this.inbox, listen: false });
    onTestFinished(() => runner.stop());
    await runner.start();
    return (await openOperations(common)).operations;
  }

  /** Buries an episode, and answers the key of its letter. */
  async bury(source: SourceKey): Promise<string> {
    const episode: Episode = {
      subject: "notes",
      kind: "note.written",
      text: "as it was",
      occurred_at: "2026-01-01T00:00:00Z",
      source: { type: "notes", id: source.name },
      idempotency_key: `notes:${source.name}`,
    };
    await this.inbox.buryEpisode(source, episode, "refused");
    const [letter] = await this.inbox.listDeadLetters({ source });
    return letter?.key ?? "";
  }

  /** The texts of the episodes of a source that wait in the inbox. */
  async queuedTexts(source: SourceKey): Promise<readonly string[]> {
    const { view } = this.inbox;
    if (view === undefined) throw new Error("the inbox cannot be looked into");
    const listed = await view.list({ source });
    const whole = await Promise.all(listed.map(({ key }) => view.get(key)));
    return whole.flatMap((queued) => (queued?.item?.type === "episode" ? [queued.item.episode.text] : []));
  }

  /** Ends what a killed command leaves until it expires: its lease, after 30 s, and its lock on a letter, after a minute. */
  async expire(source: SourceKey, letter: string | undefined): Promise<void> {
    const cursor = await this.store.get(source);
    await this.store.set(source, cursor ?? "for a moment");
    if (cursor === undefined) await this.store.delete(source);
    const lock = letter === undefined ? undefined : await this.records.get("letter-edits", letter);
    if (lock !== undefined)
      await this.records.compareAndSet({ scope: "letter-edits", key: lock.key, expectedVersion: lock.version });
  }
}

/** Opens state of a kind for one test. */
export async function openActingWorld(
  kind: "file" | "postgres" | "redis",
  options: Readonly<Record<string, string>>,
): Promise<ActingWorld> {
  const folder = mkdtempSync(join(tmpdir(), "acting-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
  const opening = adapters[kind];
  if (opening === undefined) throw new Error(`no state of kind ${kind}`);
  const store = await opening.store(options, context);
  onTestFinished(() => store.close());
  const inbox = await opening.inbox(options, defaultInboxLimits, context);
  onTestFinished(() => inbox.close());
  const source = {
    statewave: { url: "http://127.0.0.1:9" },
    runner: { state: { kind: "file" }, state_dir: folder },
    pull: { ranged: [{ name: rangedSource.name, schedule: "0 0 1 1 *" }] },
  };
  return ActingWorld.open({
    parsed: await parseConfig(source, { connectors: [ranged], baseDir: folder, resolveFrom: [import.meta.url] }),
    store,
    inbox,
  });
}
