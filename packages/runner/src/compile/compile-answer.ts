import { classifyAnswer, type SinkAnswer, notStatewave } from "../sinks/statewave/classify-answer.ts";
import { parseErrorBody } from "../sinks/statewave/parse-error-body.ts";
import { parseJson, property } from "../foreign-json.ts";

/** What the server says of a request to compile a subject, or of a job. Reasons hold nothing that it echoed. */
export type CompileAnswer =
  /** Nothing is left to compile. */
  | { readonly type: "done" }
  /** Some is compiled, and more is left; how much of both, where the server says it. */
  | { readonly type: "more"; readonly created?: number; readonly left?: number }
  /** The server compiles in the background. */
  | { readonly type: "job"; readonly id: string }
  | { readonly type: "running" }
  /** This subject failed; the server works. */
  | { readonly type: "failed"; readonly reason: string }
  /** It will never be compiled. */
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "limited"; readonly retryAfterMs: number }
  /** Nothing can be compiled for now. */
  | { readonly type: "unavailable"; readonly reason: string; readonly hint?: string };

/** A call compiles at most so many episodes. Each gives a memory or more, so one that gave fewer has compiled everything. */
const episodesPerCall = 500;

/** What the answer to `POST /v1/memories/compile` means. */
export function judgeCompile(answer: SinkAnswer, nowMs: number): CompileAnswer {
  if (answer.status < 200 || answer.status >= 300) return judgeError(answer, nowMs);
  const body = parseJson(answer.body);
  const jobId = property(body, "job_id");
  const created = property(body, "memories_created");
  if (typeof jobId === "string" && created === undefined) return { type: "job", id: jobId };
  // It lists all memories: a subject of this size has more.
  if (body === undefined && answer.isWhole === false) return { type: "more" };
  if (typeof created !== "number") return stranger(answer);
  const hasMore = property(body, "has_more");
  // A server that does not say is called until it has nothing left.
  if (typeof hasMore === "boolean" ? !hasMore : created <= 0) return { type: "done" };
  const left = property(body, "remaining_episodes");
  return { type: "more", created, ...(typeof left === "number" && { left }) };
}

/** What the answer to `GET /v1/memories/compile/{job_id}` means. */
export function judgeJob(answer: SinkAnswer, nowMs: number): CompileAnswer {
  if (answer.status === 404) return { type: "failed", reason: "404: the server has forgotten the job" };
  if (answer.status < 200 || answer.status >= 300) return judgeError(answer, nowMs);
  const body = parseJson(answer.body);
  if (body === undefined && answer.isWhole === false) return { type: "more" };
  switch (property(body, "status")) {
    case "pending":
    case "running":
      return { type: "running" };
    case "completed": {
      const created = property(body, "memories_created");
      // Older servers compile one batch in a job, too.
      return { type: typeof created === "number" && created >= episodesPerCall ? "more" : "done" };
    }
    case "failed":
      return { type: "failed", reason: "the job failed; the log of Statewave has the error" };
    default:
      return stranger(answer);
  }
}

function judgeError(answer: SinkAnswer, nowMs: number): CompileAnswer {
  const result = classifyAnswer(answer, nowMs);
  switch (result.type) {
    case "limited":
      return result;
    case "refused":
      return { type: answer.status === 413 ? "failed" : "refused", reason: result.reason };
    case "failed":
      return isOfSubject(answer) ? { type: "failed", reason: result.reason } : unavailable(result);
    case "stopped":
      return unavailable(answer.status === 404 || answer.status === 405 ? { ...result, hint: noRouteHint } : result);
    case "accepted":
      return stranger(answer);
  }
}

/** A subject that takes too long or has too much ends with one of these as well as a server in trouble: others are tried before that is said. */
function isOfSubject({ status, body }: SinkAnswer): boolean {
  return ofSubject.has(status) || (status === 502 && parseErrorBody(body).code === "compilation_failed");
}

const ofSubject = new Set([400, 408, 500, 504]);

const noRouteHint = 'update Statewave, or set [statewave.compile] mode = "off": this server compiles nothing';

function unavailable({ reason, hint }: { readonly reason: string; readonly hint?: string }): CompileAnswer {
  return { type: "unavailable", reason, ...(hint !== undefined && { hint }) };
}

function stranger({ status }: SinkAnswer): CompileAnswer {
  const result = notStatewave(`${status} without the fields of a compile`);
  return result.type === "stopped" ? unavailable(result) : { type: "unavailable", reason: String(status) };
}
