import { type Clock, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";
import type { CompileAnswer } from "./compile-answer.ts";
import type { CompileClient } from "./compile-client.ts";

/** What became of a request to compile, for the metrics. */
export const compileOutcomes = ["done", "more", "retried", "failed", "refused", "limited", "unavailable"] as const;
export type CompileOutcome = (typeof compileOutcomes)[number];

export interface CompileSubjectOptions {
  readonly client: Pick<CompileClient, "compile" | "job">;
  readonly clock: Clock;
  readonly onRequest: (outcome: CompileOutcome) => void;
  /** The server wants no request for so long. */
  readonly onLimit: (forMs: number) => void;
  /** Whether a subject of which more is left gives way to others, and to delivery, after a request. */
  readonly givesWay: () => boolean;
}

/** How it ended. */
export type SubjectOutcome = Extract<CompileAnswer, { readonly type: "done" | "more" | "failed" | "refused" | "unavailable" }>;

/** After this time the server has embedded what it compiled before, which is what a second compile may collide with. */
const retryAfterMs = 3_000;
/** With 500 episodes a call, more than any subject has. */
const mostCalls = 2_000;
/** Four subjects at a time thus begin 100 requests in a second. */
const betweenCallsMs = 40;
/** After this many answers in a row that promise more and compile nothing, the subject has failed. */
const mostIdle = 3;
const firstLookMs = 25;
const longestLookMs = 5_000;
const longestJobMs = 60 * 60_000;
/** A job does not survive a restart of the server, but may still count as running. */
const afterInterruptionMs = 2 * 60_000;

/** Compiles a subject until nothing is left, or it gives way. A failure is tried again once, 3 s later. Rejects with the signal's reason only. */
export async function compileSubject(
  subject: string,
  options: CompileSubjectOptions,
  signal: AbortSignal,
): Promise<SubjectOutcome> {
  const { client, clock, onRequest, onLimit } = options;
  let isRetry = false;
  let idle: IdleAnswers = { count: 0, left: 0 };
  for (let call = 0; call < mostCalls; call += 1) {
    const given = await awaitJob(await client.compile(subject, signal), options, signal);
    idle = afterAnswer(idle, given);
    const answer = given.type === "more" && idle.count >= mostIdle ? idleForEver : given;
    switch (answer.type) {
      case "more":
        onRequest("more");
        isRetry = false;
        // With the next turn the count would begin anew.
        if (idle.count === 0 && options.givesWay()) return answer;
        await sleep(clock, betweenCallsMs, signal);
        break;
      case "limited":
        onRequest("limited");
        onLimit(answer.retryAfterMs);
        await sleep(clock, answer.retryAfterMs, signal);
        break;
      case "failed":
        onRequest(isRetry ? "failed" : "retried");
        if (isRetry) return answer;
        isRetry = true;
        await sleep(clock, retryAfterMs, signal);
        break;
      case "done":
      case "refused":
      case "unavailable":
        onRequest(answer.type);
        return answer;
    }
  }
  return { type: "failed", reason: `more is left after ${mostCalls} calls` };
}

/** How many answers in a row promised more and compiled nothing, and what was left at the last one. */
interface IdleAnswers {
  readonly count: number;
  readonly left: number;
}

const idleForEver = { type: "failed", reason: "the server has more to compile, and compiles none of it" } as const;

function afterAnswer(before: IdleAnswers, answer: CompileAnswer): IdleAnswers {
  if (answer.type !== "more") return before;
  const { created, left = Infinity } = answer;
  return { count: created === 0 && left >= before.left ? before.count + 1 : 0, left };
}

type FinalAnswer = Exclude<CompileAnswer, { readonly type: "job" | "running" }>;

async function awaitJob(
  answer: CompileAnswer,
  { client, clock }: CompileSubjectOptions,
  signal: AbortSignal,
): Promise<FinalAnswer> {
  if (answer.type === "running") return { type: "failed", reason: "a job is running, and the server does not name it" };
  if (answer.type !== "job") return answer;
  let lookAfterMs = firstLookMs;
  let endsAtMs = steadyNow(clock) + longestJobMs;
  for (;;) {
    await sleep(clock, lookAfterMs, signal);
    const found = await client.job(answer.id, signal);
    const nowMs = steadyNow(clock);
    lookAfterMs = found.type === "limited" ? found.retryAfterMs : Math.min(longestLookMs, lookAfterMs * 2);
    if (found.type === "unavailable") endsAtMs = Math.min(endsAtMs, nowMs + afterInterruptionMs);
    switch (found.type) {
      case "running":
      case "job":
      case "limited":
        if (nowMs >= endsAtMs) return { type: "failed", reason: "the job has not come to an end" };
        break;
      case "unavailable":
        if (nowMs >= endsAtMs) return found;
        break;
      default:
        return found;
    }
  }
}
