import type { RunnerConfig } from "@statewave-connectors/config/result";
import { type Clock, ConnectorsError, isConnectorsError, sleep } from "@statewave-connectors/connector-sdk";
import { namesPausedHolder, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { type CursorStore, recordsInMemory } from "@statewave-connectors/connector-sdk/store";
import { openConfiguredEntries } from "../../composition/configured-entries.ts";
import type { EngineOptions } from "../../composition/engine-options.ts";
import type { Engine } from "../../composition/engine.ts";
import type { OpenedEntries } from "../../composition/live-entries.ts";
import { openEngine } from "../../composition/open-engine.ts";
import { withDeadline } from "../../deadline/with-deadline.ts";
import { openPrivacy, type Privacy } from "../../privacy/privacy.ts";
import { silentPullObserver } from "../../pull/pull-observer.ts";
import { readBinding } from "../../sink-binding/bind-to-sink.ts";
import type { SinkBinding } from "../../sink-binding/sink-binding.ts";
import { selectInbox, selectPullCursorStore } from "../../state/select-stores.ts";
import { silence, silentRunnerHint } from "../socket/control-client.ts";

/** A state that no runner holds. Each part is opened at its first use, and once. */
export interface LocalState {
  /** A store that only work of this process uses: of kind `memory` it begins empty. */
  readonly store: () => Promise<CursorStore>;
  /** A store that outlives a process. Throws `STORE_MEMORY` where the configured one does not. */
  readonly keptStore: () => Promise<CursorStore>;
  /** As `keptStore`. */
  readonly keptInbox: () => Promise<Inbox>;
  readonly binding: () => Promise<SinkBinding>;
  /** As `keptStore`. */
  readonly keptBinding: () => Promise<SinkBinding>;
  readonly privacy: () => Promise<Privacy>;
  readonly entries: () => Promise<OpenedEntries>;
  /** Delivers to the configured sink. */
  readonly engine: () => Promise<Engine>;
  /** Closes what was opened. */
  readonly close: () => Promise<void>;
}

export interface LocalStateOptions extends EngineOptions {
  /** The control socket of a process that may hold the state: it takes requests and answers none. */
  readonly silentAt?: string | undefined;
}

export function openLocalState(options: LocalStateOptions): LocalState {
  const { config, silentAt, clock = systemClock } = options;
  const whenFree = <Opened>(open: () => Promise<Opened>) => openWhenFree(clock, open, silentAt);
  const closers: (() => Promise<void>)[] = [];
  const openings = new Openings();
  const once = <Value>(open: () => Promise<Value>) => openings.once(open);
  const store = once(async () => {
    const opened =
      options.cursorStore ??
      (await whenFree(() => selectPullCursorStore({ ...options, runner: config.runner, baseDir: config.baseDir })));
    closers.unshift(() => opened.close());
    return opened;
  });
  const inbox = once(async () => {
    const opened =
      options.inbox ?? (await whenFree(() => selectInbox({ ...options, runner: config.runner, baseDir: config.baseDir })));
    closers.unshift(() => opened.close());
    return opened;
  });
  const binding = once(async () => {
    const opened = await store();
    const read = await readBinding({ config, ingest: options.ingest, store: opened, logger: options.logger });
    await read.refresh();
    return read;
  });
  const privacy = once(() => openPrivacy(config));
  const entries = once(async () => {
    const logger = (await privacy()).redactingLogger(options.logger);
    const opened = await openConfiguredEntries(
      { ...options, logger },
      { records: async () => (await store()).records ?? recordsInMemory(clock) },
    );
    closers.unshift(opened.close);
    return opened.entries;
  });
  const engine = once(async () => {
    const parts = { ...options, cursorStore: await store(), inbox: await inbox() };
    const opened = await openEngine(parts, { pull: silentPullObserver, delivery: {}, sinkRequest: () => undefined });
    const limits = { clock, timeoutMs: config.runner.drainTimeoutMs };
    closers.unshift(() => withDeadline(limits, (signal) => opened.close(signal)));
    await opened.binding.refresh();
    return opened;
  });
  return {
    store,
    keptStore: unlessInProcess(config.runner, "state", store),
    keptInbox: unlessInProcess(config.runner, "inbox", inbox),
    binding,
    keptBinding: unlessInProcess(config.runner, "state", binding),
    privacy,
    entries,
    engine,
    async close() {
      // What is still being opened would stay open, with its lock, and keep the process from ending.
      await openings.end();
      const closed = await inTurn(closers);
      for (const result of closed) if (result.status === "rejected") throw result.reason;
    },
  };
}

const attempts = 20;
const pauseMs = 100;

/** Another command may have the file open for a moment. */
async function openWhenFree<Opened>(clock: Clock, open: () => Promise<Opened>, silentAt: string | undefined): Promise<Opened> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (attempt === attempts) throw silentAt === undefined ? error : heldBySilent(error, silentAt);
      await sleep(clock, pauseMs);
    }
  }
}

function isLocked(error: unknown): error is ConnectorsError {
  return isConnectorsError(error, "STORE_LOCKED") || isConnectorsError(error, "INBOX_LOCKED");
}

/** The error of the store names the process where it can, and what to do when that is paused. */
function heldBySilent(error: ConnectorsError, silentAt: string): ConnectorsError {
  const { code, hint = "" } = error;
  return new ConnectorsError({
    code,
    message: `${error.message}; the runner behind ${silentAt} ${silence}`,
    hint: namesPausedHolder(error) ? hint : silentRunnerHint,
    cause: error,
  });
}

/** Parts that are opened at their first use, until the state is closed. */
class Openings {
  readonly #begun: Promise<unknown>[] = [];
  #isEnded = false;

  once<Value>(open: () => Promise<Value>): () => Promise<Value> {
    let opened: Promise<Value> | undefined;
    const begin = () => {
      if (this.#isEnded) return Promise.reject(new Error("the state is closed"));
      const begun = open();
      this.#begun.push(begun);
      return begun;
    };
    return () => (opened ??= begin());
  }

  /** Nothing is opened any more; resolves when all that has begun is open or has failed. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.allSettled(this.#begun);
  }
}

/** Closes all of them in turn, even if one fails to close. */
async function inTurn(closers: readonly (() => Promise<void>)[]): Promise<readonly PromiseSettledResult<void>[]> {
  const closed: PromiseSettledResult<void>[] = [];
  for (const close of closers) closed.push(...(await Promise.allSettled([close()])));
  return closed;
}

type KeptPart = "state" | "inbox";

/** What lives in the process that runs cannot be looked at from outside; answering "no cursors" would be a lie. */
function unlessInProcess<Opened>(runner: RunnerConfig, part: KeptPart, open: () => Promise<Opened>): () => Promise<Opened> {
  return runner[part].livesIn === "process" ? () => Promise.reject(inMemory(runner, part)) : open;
}

/** An inbox of the state's kind has it from the state, as a rule. */
function inMemory({ state, inbox }: RunnerConfig, part: KeptPart): ConnectorsError {
  const isOwn = part === "inbox" && inbox.kind !== state.kind;
  const [table, { kind }] = isOwn ? ["inbox", inbox] : ["state", state];
  const keptKind = isOwn && state.livesIn !== "process" ? state.kind : "file";
  return new ConnectorsError({
    code: "STORE_MEMORY",
    message: `the ${table} is of kind "${kind}": it lives only inside a running process`,
    hint: `set [runner.${table}] kind = "${keptKind}" to keep it`,
  });
}
