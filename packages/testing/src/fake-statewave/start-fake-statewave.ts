import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { CompileDesk, type CompiledSubject } from "./compile-desk.ts";
import { CompileRoutes } from "./compile-routes.ts";
import { EpisodeTable, type Keep, type StoredEpisode } from "./episode-table.ts";
import { type Fault, FaultSchedule } from "./faults.ts";
import { newestRelease, type Release, traitsOf } from "./release.ts";
import { RequestCounts, type FakeStatewaveStats } from "./request-counts.ts";
import { RequestHandler } from "./request-handler.ts";

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
  // On a busy machine it would close a connection on which a request is under way.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void handler.handle(request, response));
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

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the fake listens on no port");
  return `http://${address.address}:${address.port}`;
}
