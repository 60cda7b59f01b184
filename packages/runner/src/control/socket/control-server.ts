import { chmod, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect, type Server as SocketServer } from "node:net";
import { dirname } from "node:path";
import { ConnectorsError, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { makeFolder } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets, maskSecretsIn } from "@statewave-connectors/connector-sdk/secrets";
import { createServer } from "../../http/node-http.ts";
import { badCall, type Call } from "../calls/call.ts";
import { loadPart } from "../../load-part.ts";
import type { Operations } from "../operations/operations.ts";
import type { SocketPlace } from "./socket-place.ts";
import { isSocketThere, requireOwnFolder } from "./socket-trust.ts";

/** The largest request carries an edited event: of the 25 MiB that GitHub sends, as base64 or as text whose every quote is escaped. */
const maxRequestBytes = 64 * 1024 * 1024;

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
  static async listen(
    place: SocketPlace,
    operations: () => Promise<Operations>,
    logger: Logger,
  ): Promise<ControlServer | undefined> {
    const { path } = place;
    const server = createServer((request, response) => void serve(operations, request, response));
    try {
      await makeFolder(dirname(path));
      if (place.folder === "own") requireOwnFolder(dirname(path));
      if (isSocketThere(place) && (await answers(path))) {
        logger.info("another runner of the same state answers tools on this machine", { path });
        return undefined;
      }
      await rm(path, { force: true });
      await listenForOneUser(server, path);
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

/**
 * No other user can connect, not even in the moment between bind and chmod. `listen` binds before it returns, so no file that is made meanwhile
 * gets this umask, which is one for the whole process.
 */
export function listenForOneUser(server: Pick<SocketServer, "listen" | "once">, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(umask);
    }
  });
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

/** Loaded by the first call: most processes get none for weeks. */
const loadCalls = () => import("../calls/serve-call.ts");

async function serve(
  loadOperations: () => Promise<Operations>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.once("close", () => abort.abort(new Error("the tool has gone")));
  const write = (line: unknown) => void response.write(`${JSON.stringify(line)}\n`);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  try {
    const call = await readCall(request);
    const [operations, { isUnmasked, serveCall }] = await Promise.all([loadOperations(), loadPart(loadCalls)]);
    const shown = isUnmasked(call) ? (value: unknown) => value : (value: unknown) => maskSecretsIn(value);
    const result = await serveCall(operations, call, { write: (line) => write(shown(line)), signal: abort.signal });
    write({ result: shown(result) ?? null });
  } catch (error) {
    write({ error: toErrorJson(error) });
  }
  response.end();
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  // Before its body is read: the tool gets the answer, which it does not from a request that is broken off.
  requireSize(Number(request.headers["content-length"] ?? 0));
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    requireSize(size);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Call;
  } catch (cause) {
    throw badCall("it is not JSON", cause);
  }
}

function requireSize(bytes: number): void {
  if (bytes <= maxRequestBytes) return;
  throw new ConnectorsError({
    code: "RUNNER_CONTROL_TOO_LARGE",
    message: `the request is larger than ${maxRequestBytes / 1024 ** 2} MiB, the most that a running process takes; nothing was changed`,
    hint: "stop the runner and run the command again: it then opens the state itself, without that limit",
  });
}

function toErrorJson(error: unknown): unknown {
  if (!isConnectorsError(error))
    return { code: "RUNNER_INTERNAL", message: maskSecrets(error instanceof Error ? error.message : String(error)) };
  const { code, message, hint, retryable, retryAtMs, failedParts } = error;
  return { code, message, hint, retryable, retryAtMs, failedParts };
}
