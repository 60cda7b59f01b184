import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { answerAdmin } from "./admin-routes.ts";
import { cut, readBody, write } from "./bodies.ts";
import type { CompileDesk } from "./compile-desk.ts";
import { type CompileRoutes, isCompilePath } from "./compile-routes.ts";
import { answerContext, isContextPath } from "./context-routes.ts";
import type { Fault, FaultSchedule } from "./faults.ts";
import {
  checkAccess,
  errorAnswer,
  type FakeAnswer,
  type IngestSettings,
  type IngestTransaction,
  internalError,
  prepareIngest,
} from "./ingest-routes.ts";
import { OpenBatches } from "./open-batches.ts";
import { answerPublic } from "./public-routes.ts";
import type { Release } from "./release.ts";
import type { FakeStatewaveStats, RequestCounts } from "./request-counts.ts";

export interface HandlerSettings extends IngestSettings {
  readonly releaseName: Release;
  readonly dateNow: (() => number) | undefined;
  readonly faults: FaultSchedule;
  readonly counts: RequestCounts;
  readonly desk: CompileDesk;
  readonly compileRoutes: CompileRoutes | undefined;
  readonly stats: () => FakeStatewaveStats;
}

/** A request whose key and tenant have passed. */
interface AdmittedRequest {
  readonly method: string;
  readonly body: string;
  readonly tenantId: string | null;
}

/** Routes each request, and lets it go wrong as the faults want it. */
export class RequestHandler {
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
        write(response, await this.#behindAccess(request, (admitted) => compileRoutes.answer({ ...admitted, ...call })));
      } else if (isContextPath(url.pathname)) {
        write(
          response,
          await this.#behindAccess(request, (admitted) => answerContext({ ...admitted, url, requestId }, this.#settings)),
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
    answer: (admitted: AdmittedRequest) => FakeAnswer | Promise<FakeAnswer>,
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
