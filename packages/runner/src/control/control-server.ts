import { chmod, mkdir, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { ConnectorsError, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets, maskSecretsIn } from "@statewave-connectors/connector-sdk/secrets";
import { type Actor, actorOfProcess } from "../actions/actor.ts";
import type { LetterEdit } from "../failed-items/edit-letter.ts";
import { createServer } from "../http/node-http.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { type BackfillCall, backfillCalls } from "./backfill-calls.ts";
import type { BindingRequest, Operations } from "./operations.ts";
import { callRecords } from "./record-operations.ts";
import type { RecordRequest } from "./remote-records.ts";
import type { RestoredSource, RestoreOptions } from "./restore-source.ts";
import type { SocketPlace } from "./socket-place.ts";
import { isSocketThere, requireOwnFolder } from "./socket-trust.ts";
import { type SubjectCall, subjectCalls } from "./subject-calls.ts";

/** The largest requests carry a cursor or a thousand keys: far less than this. */
const maxRequestBytes = 4 * 1024 * 1024;

interface ControlRequest
  extends Omit<RestoredSource, "source">, Partial<RestoreOptions>, RecordRequest, BackfillCall, SubjectCall {
  readonly operation: string;
  readonly source?: string;
  /** Of `state.change`. */
  readonly derivedFrom?: readonly string[];
  readonly reason?: string;
  /** Of `state.undo`; absent: the latest. */
  readonly number?: number;
  /** Of `reload`. */
  readonly by?: Actor;
  /** Of `backup`, absolute. */
  readonly folder?: string;
  readonly dryRun?: boolean;
  readonly progress?: boolean;
  readonly keys?: readonly string[];
  /** Of `dead-letters.retry`: whether to answer a report instead of a number, which is all that an older tool understands. */
  readonly report?: boolean;
  /** Of `state.adopt` and `state.reset`; absent: all. */
  readonly sources?: readonly string[];
  readonly sink?: SinkIdentity;
  /** Of `state.letters.replace`. */
  readonly edit?: LetterEdit;
  readonly limit?: number;
  readonly after?: string;
  readonly about?: boolean;
}

/**
 * Lets tools on this machine reach the running process: one JSON request a connection (`POST /`), answered by lines of JSON, the last of
 * which is `{ result }` or `{ error }`. The socket belongs to the user alone (0600, in a 0700 folder where we make it).
 */
export class ControlServer {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /**
   * Listens, or answers undefined. Where another process already does, of those that share the state, tools reach that one; it is the same
   * to them. Where the place cannot be used, or another user could reach it, they go without.
   */
  static async listen(place: SocketPlace, operations: Operations, logger: Logger): Promise<ControlServer | undefined> {
    const { path } = place;
    const server = createServer((request, response) => void serve(operations, request, response));
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (place.folder === "own") requireOwnFolder(dirname(path));
      if (isSocketThere(place) && (await answers(path))) {
        logger.info("another runner of the same state answers tools on this machine", { path });
        return undefined;
      }
      await rm(path, { force: true });
      // The umask holds for the moment between bind and chmod.
      const umask = process.umask(0o177);
      try {
        await new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen(path, resolve);
        });
      } finally {
        process.umask(umask);
      }
      await chmod(path, 0o600);
    } catch (error) {
      server.close();
      logger.warn("tools cannot reach this runner: its control socket cannot be made", { path, error });
      return undefined;
    }
    server.unref();
    return new ControlServer(server, path);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await rm(this.#path, { force: true });
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function serve(operations: Operations, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const abort = new AbortController();
  response.once("close", () => abort.abort(new Error("the tool has gone")));
  const write = (line: unknown) => void response.write(`${JSON.stringify(line)}\n`);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  try {
    const body = await readRequest(request);
    // A cursor goes back where it came from, so it is not altered; everything else is read by people.
    const shown = body.operation.startsWith("state.") ? (value: unknown) => value : (value: unknown) => maskSecretsIn(value);
    const result = await perform(operations, body, (line) => write(shown(line)), abort.signal);
    write({ result: shown(result) ?? null });
  } catch (error) {
    write({ error: toErrorJson(error) });
  }
  response.end();
}

async function readRequest(request: IncomingMessage): Promise<ControlRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxRequestBytes) throw badRequest(`it is larger than ${maxRequestBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as ControlRequest;
  } catch (cause) {
    throw badRequest("it is not JSON", cause);
  }
}

function lookIntoInbox(operations: Operations, request: ControlRequest): Promise<unknown> {
  const [key = ""] = request.keys ?? [];
  switch (request.operation) {
    case "inbox.list":
      return operations.listQueued({
        ...(request.source === undefined ? {} : { source: sourceOf(request) }),
        ...(request.limit === undefined ? {} : { limit: request.limit }),
        ...(request.after === undefined ? {} : { after: request.after }),
      });
    case "inbox.show":
      return operations.getQueued(key);
    case "inbox.remembers":
      return operations.remembersEvent(sourceOf(request), key);
    default:
      return operations.inboxStats();
  }
}

function actOnProcess(operations: Operations, { operation, by, folder = "" }: ControlRequest): Promise<unknown> {
  return operation === "reload" ? operations.reload(by ?? actorOfProcess()) : operations.backUp(folder);
}

function perform(
  operations: Operations,
  request: ControlRequest,
  write: (line: unknown) => void,
  signal: AbortSignal,
): Promise<unknown> {
  switch (request.operation) {
    case "health":
      return operations.health();
    case "state.list":
      return operations.listState();
    case "state.get":
      return operations.getCursor(sourceOf(request));
    case "state.set":
      return operations.setCursor(sourceOf(request), request.cursor ?? "");
    case "state.delete":
      return operations.deleteCursor(sourceOf(request));
    case "state.change": {
      const { cursor, derivedFrom, reason = "change" } = request;
      return operations.changeCursor({ source: sourceOf(request), cursor, derivedFrom, reason });
    }
    case "state.history":
      return operations.listHistory(sourceOf(request));
    case "state.undo":
      return operations.undoChange(sourceOf(request), request.number);
    case "state.adopt":
      return operations.adoptSink(bindingRequestOf(request));
    case "state.reset":
      return operations.resetSources(bindingRequestOf(request));
    case "state.restore": {
      const { cursor, finishedDueMs, openDueMs, resumeInMs, force = false } = request;
      const known = { cursor, finishedDueMs, openDueMs, resumeInMs };
      return operations.restoreSource({ source: sourceOf(request), ...present(known) }, { force });
    }
    case "reload":
    case "backup":
      return actOnProcess(operations, request);
    case "sync":
      return operations.sync(
        {
          source: sourceOf(request),
          dryRun: request.dryRun === true,
          // Only on request: an older tool takes a line that it does not know for the result.
          ...(request.progress === true ? { onProgress: (progress) => write({ progress }) } : {}),
        },
        (episode) => write({ episode }),
        signal,
      );
    case "inbox.list":
    case "inbox.show":
    case "inbox.remembers":
    case "inbox.stats":
      return lookIntoInbox(operations, request);
    case "dead-letters.list":
      return operations.listDeadLetters({
        ...(request.source === undefined ? {} : { source: sourceOf(request) }),
        ...(request.limit === undefined ? {} : { limit: request.limit }),
        ...(request.after === undefined ? {} : { after: request.after }),
        ...(request.about === undefined ? {} : { about: request.about }),
      });
    case "dead-letters.show":
      return operations.getDeadLetter(request.keys?.[0] ?? "");
    case "state.letters.read":
      return operations.readLetter(request.keys?.[0] ?? "");
    case "state.letters.replace":
      return operations.replaceLetter(request.edit ?? { key: "", digest: "", content: undefined });
    case "dead-letters.retry":
      return operations
        .retryDeadLetters(request.keys ?? [])
        .then((report) => (request.report === true ? report : report.requeued + report.delivered));
    case "dead-letters.discard":
      return operations.discardDeadLetters(request.keys ?? []);
    default:
      return performOfGroup(operations, request, write, signal);
  }
}

/** Operations that are served together, each group in a file of its own. */
function performOfGroup(
  operations: Operations,
  request: ControlRequest,
  write: (line: unknown) => void,
  signal: AbortSignal,
): Promise<unknown> {
  const { operation } = request;
  const source = () => sourceOf(request);
  const onProgress = (progress: unknown) => write({ progress });
  if (Object.hasOwn(backfillCalls, operation))
    return backfillCalls[operation]!(operations, request, { source, onProgress, signal });
  if (Object.hasOwn(subjectCalls, operation)) return subjectCalls[operation]!(operations, request, signal);
  return callRecords(operations, request) ?? Promise.reject(badRequest(`there is no operation "${operation}"`));
}

/** The properties that have a value. */
function present<Properties extends Record<string, unknown>>(
  properties: Properties,
): { [Key in keyof Properties]?: Exclude<Properties[Key], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as never;
}

function bindingRequestOf({ sources, sink }: ControlRequest): BindingRequest {
  const chosen = sources === undefined ? "all" : sources.map((source) => sourceOf({ operation: "", source }));
  return { sources: chosen, ...(sink === undefined ? {} : { sink }) };
}

function sourceOf(request: ControlRequest): SourceKey {
  const source = parseSourceKey(request.source ?? "");
  if (source === undefined) throw badRequest(`"${request.source}" is not of the form kind/name`);
  return source;
}

function badRequest(why: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_REQUEST",
    message: `the control request cannot be read: ${why}`,
    hint: "use the command line of the same version as the runner",
    cause,
  });
}

function toErrorJson(error: unknown): unknown {
  if (!isConnectorsError(error))
    return { code: "RUNNER_INTERNAL", message: maskSecrets(error instanceof Error ? error.message : String(error)) };
  const { code, message, hint, retryable } = error;
  return { code, message, hint, retryable };
}
