import type { SubjectTraces } from "../erase/erase-subject.ts";
import type { Operations } from "./operations.ts";

/** What a tool sends about subjects; `operation` is one of `subjectCalls`. */
export interface SubjectCall {
  readonly subject?: string;
}

/** Serves a tool's request about a subject. */
export const subjectCalls: Readonly<
  Record<string, (operations: Operations, call: SubjectCall, signal: AbortSignal) => Promise<unknown>>
> = {
  "subject.find": (operations, { subject = "" }, signal) => operations.findSubject(subject, signal),
  "subject.erase": (operations, { subject = "" }, signal) => operations.eraseSubject(subject, signal),
};

type Call = (request: Record<string, unknown>, followers: undefined, signal: AbortSignal) => Promise<unknown>;

/** Subjects in the state of a running process. */
export function remoteSubjects(call: Call): Pick<Operations, "findSubject" | "eraseSubject"> {
  return {
    findSubject: async (subject, signal) =>
      (await call({ operation: "subject.find", subject }, undefined, signal)) as SubjectTraces,
    eraseSubject: async (subject, signal) =>
      (await call({ operation: "subject.erase", subject }, undefined, signal)) as SubjectTraces,
  };
}
