import type { StateConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { recordsInMemory } from "@statewave-connectors/connector-sdk/store";
import { withDeadline } from "../deadline/with-deadline.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import type { Engine } from "../composition/engine.ts";
import { openEngine } from "../composition/open-engine.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import { openPrivacy } from "../privacy/privacy.ts";
import { silentPullObserver } from "../pull/pull-observer.ts";
import { readBinding } from "../sink-binding/bind-to-sink.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import { bindingOperations, deadLetterOperations, preview, stateOperations, syncWith } from "./engine-operations.ts";
import type { OpenedOperations } from "./open-operations.ts";
import type { Operations } from "./operations.ts";

/** The operations on a state that no runner holds: each opens what it uses of it, at its first use. */
export function openLocalOperations(options: EngineOptions): OpenedOperations {
  const { config, clock = systemClock } = options;
  const { state } = config.runner;
  const closers: (() => Promise<void>)[] = [];
  const store = once(async () => {
    const opened =
      options.cursorStore ?? (await selectPullCursorStore({ ...options, runner: config.runner, baseDir: config.baseDir }));
    closers.unshift(() => opened.close());
    return opened;
  });
  const inbox = once(async () => {
    const opened = options.inbox ?? (await selectInbox({ ...options, runner: config.runner, baseDir: config.baseDir }));
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
  const engine = once(async () => {
    const parts = { ...options, cursorStore: await store(), inbox: await inbox() };
    const opened = await openEngine(parts, { pull: silentPullObserver, delivery: {}, sinkRequest: () => undefined });
    const limits = { clock, timeoutMs: config.runner.drainTimeoutMs };
    closers.unshift(() => withDeadline(limits, (signal) => opened.close(signal)));
    await opened.binding.refresh();
    return opened;
  });
  return {
    operations: {
      health: async () => undefined,
      ...stateOperations(unlessInProcess(state, store)),
      ...deadLetterOperations(unlessInProcess(config.runner.inbox, inbox), engine, privacy),
      ...bindingOperations(unlessInProcess(state, binding)),
      async sync(request, onEpisode, signal) {
        if (!request.dryRun) return syncHere(await engine(), request, onEpisode, signal);
        const shown = await privacy();
        const { entries, close } = await openConfiguredEntries(
          { ...options, logger: shown.redactingLogger(options.logger) },
          { records: async () => (await store()).records ?? recordsInMemory(clock) },
        );
        closers.unshift(close);
        const { pulls } = entries;
        const parts = {
          pulls,
          store: await store(),
          binding: await binding(),
          privacy: shown,
          clock,
          syncTimeoutMs: config.runner.syncTimeoutMs,
        };
        return preview(parts, request.source, onEpisode, signal);
      },
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** No later run resumes this one: an abort ends it. */
async function syncHere(engine: Engine, ...request: Parameters<Operations["sync"]>): ReturnType<Operations["sync"]> {
  const signal = request[2];
  const stop = () => void engine.scheduler.stop(AbortSignal.abort());
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await syncWith(engine, ...request);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => (opened ??= open());
}

/** What lives in the process that runs cannot be looked at from outside; answering "no cursors" would be a lie. */
function unlessInProcess<Opened>({ kind, livesIn }: StateConfig, open: () => Promise<Opened>): () => Promise<Opened> {
  if (livesIn !== "process") return open;
  return () =>
    Promise.reject(
      new ConnectorsError({
        code: "STORE_MEMORY",
        message: `the state is of kind "${kind}": it lives only inside a running process`,
        hint: 'set [runner.state] kind = "file" to keep it',
      }),
    );
}
