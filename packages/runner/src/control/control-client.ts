import { createInterface } from "node:readline";
import { ConnectorsError, type Episode, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ConnectorsErrorOptions, formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { request as httpRequest } from "../http/node-http.ts";
import type { EditableLetter } from "../failed-items/edit-letter.ts";
import type { RetryReport } from "../failed-items/retry-letters.ts";
import type { ReloadReport } from "../reload/reload-report.ts";
import type { BackupManifest } from "../backup/backup-manifest.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { HistoryView } from "../history/history-view.ts";
import type { BindingChange, ChosenSources } from "../sink-binding/sink-binding.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import type { Progress } from "../pull/progress.ts";
import type { ListedLetter } from "./letter-about.ts";
import { remoteBackfills } from "./backfill-calls.ts";
import type { Operations, SyncReport } from "./operations.ts";
import { remoteRecords, secretsPrefix } from "./remote-records.ts";
import type { ShownLetter } from "./shown-letter.ts";
import type { ShownQueued } from "./shown-queued.ts";
import { remoteSubjects } from "./subject-calls.ts";
import type { SocketPlace } from "./socket-place.ts";
import { forbidden, isSocketThere } from "./socket-trust.ts";

/** Takes the lines that come before the result. */
interface Followers {
  readonly onEpisode?: (episode: Episode) => void;
  readonly onProgress?: ((progress: unknown) => void) | undefined;
}

type Call = (request: Record<string, unknown>, followers?: Followers, signal?: AbortSignal) => Promise<unknown>;

/** A runner that answers nothing for so long is paused or hangs. Its store gives up earlier, and that is an answer. */
const answerWithinMs = 10_000;

/**
 * A runner's operations over the first of these control sockets where one answers; undefined when none does. Throws
 * `RUNNER_CONTROL_UNSAFE` or `RUNNER_CONTROL_FORBIDDEN` when another user is behind one.
 */
export async function connectFirst(places: readonly SocketPlace[], sink?: SinkIdentity): Promise<Operations | undefined> {
  for (const place of places) {
    const operations = isSocketThere(place) ? await connectControl(place.path, undefined, sink) : undefined;
    if (operations !== undefined) return operations;
  }
  return undefined;
}

/** A runner's operations over its control socket, or undefined when no process listens there, or none that answers. */
export async function connectControl(
  path: string,
  timeoutMs = answerWithinMs,
  sink?: SinkIdentity,
): Promise<Operations | undefined> {
  try {
    await callSocket(path, { operation: "state.list" }, undefined, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    if (isForbidden(error)) throw forbidden(path, error);
    throw isConnectorsError(error) ? error : brokenOff(path, error);
  }
  // It answered before, so it has ended since.
  const call: Call = (request, followers, signal) =>
    callSocket(path, request, followers, signal).catch((error: unknown) => {
      if (isConnectorsError(error)) throw error;
      throw signal?.aborted === true ? signal.reason : brokenOff(path, error);
    });
  return {
    health: async () => {
      const report = await call({ operation: "health" }, undefined, AbortSignal.timeout(timeoutMs));
      return (report as HealthReport | null) ?? undefined;
    },
    listState: async () => (await call({ operation: "state.list" })) as SourceState[],
    getCursor: async (source) =>
      ((await call({ operation: "state.get", source: formatSourceKey(source) })) as string | null) ?? undefined,
    setCursor: async (source, cursor) => void (await call({ operation: "state.set", source: formatSourceKey(source), cursor })),
    deleteCursor: async (source) => (await call({ operation: "state.delete", source: formatSourceKey(source) })) as boolean,
    changeCursor: async ({ source, ...change }) =>
      void (await call({ operation: "state.change", source: formatSourceKey(source), ...change })),
    listHistory: async (source) => (await call({ operation: "state.history", source: formatSourceKey(source) })) as HistoryView[],
    undoChange: async (source, number) =>
      (await call({ operation: "state.undo", source: formatSourceKey(source), number })) as HistoryView,
    adoptSink: async ({ sources }) => (await call({ operation: "state.adopt", sink, ...sourcesJson(sources) })) as BindingChange,
    resetSources: async ({ sources }) =>
      (await call({ operation: "state.reset", sink, ...sourcesJson(sources) })) as BindingChange,
    records: remoteRecords(call),
    secretRecords: remoteRecords(call, secretsPrefix),
    ...remoteBackfills(call),
    reload: async (by) => (await call({ operation: "reload", by })) as ReloadReport,
    ...remoteSubjects(call),
    backUp: async (folder) => (await call({ operation: "backup", folder })) as BackupManifest,
    restoreSource: async ({ source, ...known }, { force }) =>
      void (await call({ operation: "state.restore", source: formatSourceKey(source), ...known, force })),
    sync: async ({ source, dryRun, onProgress }, onEpisode, signal) => {
      const request = { operation: "sync", source: formatSourceKey(source), dryRun, progress: onProgress !== undefined };
      const follow = (progress: unknown) => onProgress?.(progress as Progress);
      return (await call(request, { onEpisode, onProgress: follow }, signal)) as SyncReport;
    },
    listQueued: async ({ source, ...query }) =>
      (await call({
        operation: "inbox.list",
        ...query,
        ...(source === undefined ? {} : { source: formatSourceKey(source) }),
      })) as ShownQueued[],
    getQueued: async (key) => ((await call({ operation: "inbox.show", keys: [key] })) as ShownQueued | null) ?? undefined,
    remembersEvent: async (source, id) =>
      (await call({ operation: "inbox.remembers", source: formatSourceKey(source), keys: [id] })) as boolean,
    inboxStats: async () => (await call({ operation: "inbox.stats" })) as InboxStats,
    listDeadLetters: async ({ source, ...query }) =>
      (await call({
        operation: "dead-letters.list",
        ...query,
        ...(source === undefined ? {} : { source: formatSourceKey(source) }),
      })) as ListedLetter[],
    getDeadLetter: async (key) =>
      ((await call({ operation: "dead-letters.show", keys: [key] })) as ShownLetter | null) ?? undefined,
    // "state": what is edited must come back as it is.
    readLetter: async (key) =>
      ((await call({ operation: "state.letters.read", keys: [key] })) as EditableLetter | null) ?? undefined,
    replaceLetter: async (edit) => void (await call({ operation: "state.letters.replace", edit })),
    retryDeadLetters: async (keys) => {
      const answer = (await call({ operation: "dead-letters.retry", keys, report: true })) as RetryReport | number;
      // A runner that knows no failed items answers how many letters it put back.
      return typeof answer === "number" ? { requeued: answer, delivered: 0, kept: [] } : answer;
    },
    discardDeadLetters: async (keys) => (await call({ operation: "dead-letters.discard", keys })) as number,
  };
}

function sourcesJson(sources: ChosenSources): Record<string, unknown> {
  return sources === "all" ? {} : { sources: sources.map(formatSourceKey) };
}

function isUnreachable(error: unknown): boolean {
  if (error instanceof Error && error.name === "AbortError") return true;
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTSOCK";
}

function isForbidden(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "EACCES" || code === "EPERM";
}

function callSocket(
  path: string,
  body: Record<string, unknown>,
  followers: Followers | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath: path,
      method: "POST",
      path: "/",
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    request.once("error", reject);
    request.once("response", (response) => {
      response.once("error", reject);
      const lines = createInterface({ input: response });
      // It has an error of its own for one of its input, which would otherwise end the process.
      lines.once("error", reject);
      lines.on("line", (line) => {
        const message = JSON.parse(line) as {
          episode?: Episode;
          progress?: unknown;
          result?: unknown;
          error?: ConnectorsErrorOptions;
        };
        if (message.episode !== undefined) followers?.onEpisode?.(message.episode);
        else if (message.progress !== undefined) followers?.onProgress?.(message.progress);
        else if (message.error !== undefined) reject(new ConnectorsError(message.error));
        else resolve(message.result);
      });
      lines.once("close", () => reject(brokenOff(path)));
    });
    request.end(JSON.stringify(body));
  });
}

function brokenOff(path: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_BROKEN",
    message: `the runner behind ${path} broke off before it answered`,
    hint: "look at its logs: the request may or may not have been carried out",
    retryable: true,
    cause,
  });
}
