import type { SubjectTraces } from "../../erase/erase-subject.ts";
import type { SubjectOperations } from "../operations/operations.ts";
import type { SendCall, ServedCalls } from "./call.ts";

/** What calls about subjects carry. */
export interface SubjectArguments {
  readonly subject?: string;
}

/** Serves calls about a subject. */
export const subjectCalls: ServedCalls<SubjectArguments> = {
  "subject.find": (operations, { subject = "" }, { signal }) => operations.findSubject(subject, signal),
  "subject.erase": (operations, { subject = "" }, { signal }) => operations.eraseSubject(subject, signal),
};

/** Subjects in the state of a running process. */
export function remoteSubjects(send: SendCall): SubjectOperations {
  return {
    findSubject: async (subject, signal) =>
      (await send({ operation: "subject.find", subject }, undefined, signal)) as SubjectTraces,
    eraseSubject: async (subject, signal) =>
      (await send({ operation: "subject.erase", subject }, undefined, signal)) as SubjectTraces,
  };
}
