import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { CompileDesk, MemoryRow } from "./compile-desk.ts";
import type { FaultSchedule } from "./faults.ts";
import { errorAnswer, type FakeAnswer, internalError } from "./ingest-routes.ts";
import type { ReleaseTraits } from "./release.ts";
import { validateCompile } from "./validate-body.ts";

export interface CompileRouteSettings {
  readonly desk: CompileDesk;
  readonly release: ReleaseTraits;
  readonly faults: FaultSchedule;
  /** False: `async` is ignored, and every call compiles while it waits. */
  readonly hasJobs: boolean;
  /** How long a call or a job takes. */
  readonly takesMs: number;
}

interface Job {
  readonly tenantId: string | null;
  readonly subjectId: string;
  status: "pending" | "running" | "completed" | "failed";
  created: number;
  memories: readonly MemoryRow[];
}

export interface CompileRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly tenantId: string | null;
  readonly requestId: string;
}

/** Of the API, this much is about compiling. */
export function isCompilePath(path: string): boolean {
  return path === compilePath || path.startsWith(`${compilePath}/`);
}

const compilePath = "/v1/memories/compile";
/** Where the server stops a job that finds no end. */
const mostIterations = 1_000;

/** `POST /v1/memories/compile`, and `GET` of its jobs. */
export class CompileRoutes {
  readonly #settings: CompileRouteSettings;
  readonly #jobs = new Map<string, Job>();

  constructor(settings: CompileRouteSettings) {
    this.#settings = settings;
  }

  async answer(call: CompileRequest): Promise<FakeAnswer> {
    const fault = this.#settings.faults.takeCompileStatus();
    if (fault !== undefined) {
      const { status, code = "injected", headers } = fault;
      return { ...errorAnswer(status, code, "Injected by the test", call.requestId), ...(headers !== undefined && { headers }) };
    }
    if (call.method === "POST" && call.path === compilePath) return this.#compile(call);
    if (call.method === "GET" && call.path !== compilePath) return this.#status(call);
    return errorAnswer(405, "http_error", "Method Not Allowed", call.requestId);
  }

  async #compile({ body, tenantId, requestId }: CompileRequest): Promise<FakeAnswer> {
    const { desk, release, hasJobs, takesMs } = this.#settings;
    const validated = validateCompile(body, release);
    if (!("value" in validated))
      return errorAnswer(422, "validation_error", "Request validation failed", requestId, validated.issues);
    const { subjectId, isAsync } = validated.value;
    desk.called(tenantId, subjectId);
    if (isAsync && hasJobs) return this.#submit(tenantId, subjectId);
    if (takesMs > 0) await delay(takesMs);
    const batch = desk.compile(tenantId, subjectId);
    if (batch === undefined) return internalError(requestId);
    const { memories, created, remaining } = batch;
    const more = release.reportsMore ? { has_more: remaining > 0, remaining_episodes: remaining } : {};
    return { status: 200, body: { subject_id: subjectId, memories_created: created, memories, ...more } };
  }

  #submit(tenantId: string | null, subjectId: string): FakeAnswer {
    const id = randomUUID().slice(0, 8);
    const job: Job = { tenantId, subjectId, status: "pending", created: 0, memories: [] };
    this.#jobs.set(id, job);
    void this.#run(job);
    return { status: 202, body: { job_id: id, status: "pending", subject_id: subjectId } };
  }

  /** Newer servers compile everything that a subject has; older ones a batch. */
  async #run(job: Job): Promise<void> {
    const { desk, release, faults, takesMs } = this.#settings;
    await delay(takesMs, undefined, { ref: false });
    job.status = "running";
    if (faults.takeJobFailure()) {
      job.status = "failed";
      return;
    }
    for (let iteration = 0; iteration < mostIterations; iteration += 1) {
      const batch = desk.compile(job.tenantId, job.subjectId);
      if (batch === undefined) {
        job.status = "failed";
        return;
      }
      job.created += batch.created;
      job.memories = batch.memories;
      if (batch.remaining === 0 || !release.drainsJobs) break;
    }
    job.status = "completed";
  }

  #status({ path, tenantId }: CompileRequest): FakeAnswer {
    const id = path.slice(compilePath.length + 1);
    const job = this.#jobs.get(id);
    if (job === undefined || job.tenantId !== tenantId) return { status: 404, body: { error: "Job not found or expired" } };
    const { status, subjectId, created, memories } = job;
    return {
      status: 200,
      body: {
        job_id: id,
        status,
        subject_id: subjectId,
        ...(status === "completed" && { memories_created: created, memories }),
        ...(status === "failed" && { error: "An internal error occurred during compilation." }),
      },
    };
  }
}
