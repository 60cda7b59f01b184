import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { answerAdmin } from "./admin-routes.ts";
import { CompileDesk, type CompiledSubject } from "./compile-desk.ts";
import { CompileRoutes, isCompilePath } from "./compile-routes.ts";
import { EpisodeTable, type Keep, type StoredEpisode } from "./episode-table.ts";
import { type Fault, FaultSchedule } from "./faults.ts";
import {
  checkAccess,
  errorAnswer,
  type FakeAnswer,
  type IngestSettings,
  type IngestTransaction,
  internalError,
  prepareIngest,
} from "./ingest-routes.ts";
import { answerContext, isContextPath } from "./context-routes.ts";
import { OpenBatches } from "./open-batches.ts";
import { answerPublic } from "./public-routes.ts";
import { newestRelease, type Release, traitsOf } from "./release.ts";
import { RequestCounts, type FakeStatewaveStats } from "./request-counts.ts";

export interface FakeStatewaveOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The key every request must carry. Default none: open. */
  readonly apiKey?: string;
  /** Default `X-Tenant-ID`. */
  readonly tenantHeader?: string;
  /** Whether a request without tenant is answered 400. Default false. */
  readonly requireTenant?: boolean;
  /** Default `all`. */
  readonly keep?: Keep;
  /** Gets a JSON line per new row, written before the answer. */
  readonly logPath?: string;
  readonly faults?: readonly Fault[];
  /** Epoch milliseconds for `created_at`. Default the machine's. */
  readonly now?: () => number;
  /** Epoch milliseconds for the header `Date`. Default the machine's. */
  readonly dateNow?: () => number;
  /** Default `1.4.0`. */
  readonly release?: Release;
  /** How it compiles. False: it has no route for that. */
  readonly compile?: FakeCompileOptions | false;
}

export interface FakeCompileOptions {
  /** Whether `async` makes a job. Default true; otherwise it is ignored, and each call compiles a batch. */
  readonly jobs?: boolean;
  /** Default 500. */
  readonly batchSize?: number;
  /** How long a call or a job takes. Default 0. */
  readonly takesMs?: number;
  /**
   * For so long after a call another one for the same subject gets a 500 and compiles nothing: it deadlocks with the server's own embedding of
   * the memories. Default 0.
   */
  readonly embeddingMs?: number;
}

/** A running fake. */
export interface FakeStatewave {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** What is stored, in the order of arrival; empty unless `keep` is `all`. */
  readonly episodes: readonly StoredEpisode[];
  /** What has been compiled, by subject. */
  readonly subjects: readonly CompiledSubject[];
  stats(): FakeStatewaveStats;
  /** Replaces the faults that are set. */
  setFaults(faults: readonly Fault[]): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** A proxy's limit; the server itself has none. */
const maxBodyBytes = 16 * 1024 * 1024;

/**
 * A Statewave to test against: a real HTTP server that validates, deduplicates and answers as the real one does, and goes wrong on
 * demand.
 *
 * Fidelity, by the upstream files it follows: field rules from `server/schemas/requests.py` and `server/core/identifiers.py` (characters
 * of `subject_id` and `session_id`), 1 to 100 items and all-or-nothing from `tests/test_batch_episodes.py`, one commit per batch and the
 * key's fallback to `metadata` from `server/api/episodes.py`, the scope (tenant, subject, key) and first-write-wins from migration 0025
 * and `tests/integration/test_idempotent_ingest.py`, the echo of full rows from `server/schemas/responses.py`, the shape of errors from
 * `server/core/errors.py`, key before tenant before route from `server/app.py`. What it does not have: the rate limiter (set a `status`
 * fault 429), regions. Compiling follows `server/api/memories.py`, with the heuristic compiler, and a context
 * `server/services/context.py`, with stub embeddings and without sessions. What upstream does not document was seen
 * on a running server: that Postgres throws at NUL and lone surrogates, the deadlock of two batches, `-infinity`, times that leave the
 * calendar through their offset, and what deep nesting and long integers do.
 */
export async function startFakeStatewave(options: FakeStatewaveOptions = {}): Promise<FakeStatewave> {
  const faults = new FaultSchedule();
  faults.set(options.faults ?? []);
  const { keep = "all", logPath, release = newestRelease } = options;
  const traits = traitsOf(release);
  const { compile = {}, now = Date.now } = options;
  const { jobs: hasJobs = true, batchSize = 500, takesMs = 0, embeddingMs = 0 } = compile === false ? {} : compile;
  const desk = new CompileDesk({ batchSize, embeddingMs, keepsRows: keep === "all", now });
  const { recognisesKeys } = traits;
  const table = new EpisodeTable({ keep, logPath, recognisesKeys, onStored: (row) => desk.stored(row) });
  const counts = new RequestCounts();
  const stats = () => counts.stats(table);
  const handler = new RequestHandler({
    apiKey: options.apiKey,
    tenantHeader: (options.tenantHeader ?? "X-Tenant-ID").toLowerCase(),
    requireTenant: options.requireTenant ?? false,
    release: traits,
    releaseName: release,
    dateNow: options.dateNow,
    table,
    desk,
    compileRoutes: compile === false ? undefined : new CompileRoutes({ desk, release: traits, faults, hasJobs, takesMs }),
    now,
    takeMarked: (body) => faults.takeMarked(body),
    faults,
    counts,
    stats,
  });
  const server = createServer((request, response) => void handler.handle(request, response));
  const url = await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
  return {
    url,
    episodes: table.rows,
    get subjects() {
      return desk.subjects;
    },
    stats,
    setFaults: (next) => faults.set(next),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      table.close();
    },
  };
}

interface HandlerSettings extends IngestSettings {
  readonly releaseName: Release;
  readonly dateNow: (() => number) | undefined;
  readonly faults: FaultSchedule;
  readonly counts: RequestCounts;
  readonly desk: CompileDesk;
  readonly compileRoutes: CompileRoutes | undefined;
  readonly stats: () => FakeStatewaveStats;
}

interface AskedRoute {
  readonly method: string;
  readonly body: string;
  readonly tenantId: string | null;
}

class RequestHandler {
  readonly #settings: HandlerSettings;
  readonly #openBatches = new OpenBatches();

  constructor(settings: HandlerSettings) {
    this.#settings = settings;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = String(request.headers["x-request-id"] ?? randomUUID());
    response.setHeader("x-request-id", requestId);
    const { dateNow, release, releaseName, compileRoutes } = this.#settings;
    const compiles = compileRoutes !== undefined;
    if (dateNow !== undefined) response.setHeader("date", new Date(dateNow()).toUTCString());
    const url = new URL(request.url ?? "/", "http://fake");
    try {
      const admin = await answerAdmin(request, url, this.#settings);
      if (admin !== undefined) write(response, admin);
      else if (request.method === "POST" && isIngestPath(url.pathname)) {
        await this.#ingest(request, response, url.pathname.endsWith("/batch"), requestId);
      } else if (compileRoutes !== undefined && isCompilePath(url.pathname)) {
        const call = { path: url.pathname, requestId };
        write(response, await this.#behindAccess(request, (asked) => compileRoutes.answer({ ...asked, ...call })));
      } else if (isContextPath(url.pathname)) {
        write(
          response,
          await this.#behindAccess(request, (asked) => answerContext({ ...asked, url, requestId }, this.#settings)),
        );
      } else {
        const answer =
          request.method === "GET" ? answerPublic(url.pathname, { name: releaseName, traits: release, compiles }) : undefined;
        write(response, answer ?? checkAccess(request.headers, this.#settings) ?? answerUnknown(url.pathname, requestId));
      }
    } catch {
      // The client disconnected in the middle, or an admin sent nonsense.
      response.destroy();
    }
  }

  async #ingest(request: IncomingMessage, response: ServerResponse, batch: boolean, requestId: string): Promise<void> {
    const { counts, tenantHeader } = this.#settings;
    const end = counts.begin();
    response.once("close", () => end(response.headersSent ? String(response.statusCode) : "none"));
    const raw = await readBody(request);
    const tenant = request.headers[tenantHeader];
    const access = checkAccess(request.headers, this.#settings);
    const tenantId = tenant === undefined ? null : String(tenant);
    const prepared =
      raw === undefined
        ? errorAnswer(413, "http_error", "Request Entity Too Large")
        : (access ?? prepareIngest(raw, batch, tenantId, requestId, this.#settings));
    response.once("close", counts.hold("episodes" in prepared ? prepared.episodes : 0));
    // A transaction takes as long as the request does.
    const { deadlocked, end: endTransaction } = this.#openBatches.begin("locks" in prepared ? prepared.locks : []);
    try {
      await this.#answerIngest(response, requestId, deadlocked ? internalError(requestId) : prepared);
    } finally {
      endTransaction();
    }
  }

  /** What a route answers once the key and the tenant have passed. */
  async #behindAccess(
    request: IncomingMessage,
    answer: (asked: AskedRoute) => FakeAnswer | Promise<FakeAnswer>,
  ): Promise<FakeAnswer> {
    const raw = await readBody(request);
    const access = checkAccess(request.headers, this.#settings);
    if (raw === undefined) return errorAnswer(413, "http_error", "Request Entity Too Large");
    if (access !== undefined) return access;
    const tenant = request.headers[this.#settings.tenantHeader];
    const tenantId = tenant === undefined ? null : String(tenant);
    return answer({ method: request.method ?? "", body: raw.toString("utf8"), tenantId });
  }

  async #answerIngest(response: ServerResponse, requestId: string, prepared: IngestTransaction | FakeAnswer): Promise<void> {
    const { faults } = this.#settings;
    const latencyMs = faults.takeLatencyMs();
    if (latencyMs > 0) await delay(latencyMs);
    const fault = faults.takeOutcome();
    if (fault?.type === "hang") return;
    if (fault?.type === "reset") {
      response.destroy();
      return;
    }
    if (fault?.type === "status") {
      write(response, faultAnswer(fault, requestId));
      return;
    }
    const answer = "commit" in prepared ? prepared.commit() : prepared;
    if (fault?.type === "withheld_reply") return;
    if (fault?.type === "stored_error") write(response, answer.status === 201 ? internalError(requestId) : answer);
    else if (fault?.type === "lost_reply") response.destroy();
    else if (fault?.type === "cut_body") cut(response, answer);
    else write(response, answer);
  }
}

function faultAnswer(fault: Extract<Fault, { type: "status" }>, requestId: string): FakeAnswer {
  const { status, code = "injected", headers = {}, body } = fault;
  return body === undefined
    ? { ...errorAnswer(status, code, "Injected by the test", requestId), headers }
    : { status, body, headers: { "content-type": "text/html", ...headers } };
}

function answerUnknown(path: string, requestId: string): FakeAnswer {
  return isIngestPath(path)
    ? errorAnswer(405, "http_error", "Method Not Allowed", requestId)
    : errorAnswer(404, "http_error", "Not Found", requestId);
}

function isIngestPath(path: string): boolean {
  return path === "/v1/episodes" || path === "/v1/episodes/batch";
}

/** The whole body, or undefined when it is larger than any proxy would pass. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks, bytes) : undefined;
}

function write(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** Promises the whole body and delivers half of it. */
function cut(response: ServerResponse, { status, body }: FakeAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the fake listens on no port");
  return `http://${address.address}:${address.port}`;
}
