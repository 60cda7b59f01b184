import type { Operations } from "../operations/operations.ts";
import { type BackfillArguments, backfillCalls } from "./backfill-calls.ts";
import { badCall, type Call, type ServedCalls, type Serving } from "./call.ts";
import { type InboxArguments, inboxCalls } from "./inbox-calls.ts";
import { type ProcessArguments, processCalls } from "./process-calls.ts";
import { type RecordArguments, recordCalls } from "./record-calls.ts";
import { type StateArguments, stateCalls } from "./state-calls.ts";
import { type SubjectArguments, subjectCalls } from "./subject-calls.ts";

/** What a call may carry, whatever its operation. */
type AnyArguments = ProcessArguments & StateArguments & RecordArguments & InboxArguments & BackfillArguments & SubjectArguments;

const servedCalls: ServedCalls<AnyArguments> = {
  ...processCalls,
  ...stateCalls,
  ...recordCalls,
  ...inboxCalls,
  ...backfillCalls,
  ...subjectCalls,
};

/** Carries out a call of a tool. Throws `RUNNER_CONTROL_REQUEST` for an operation that this version does not have. */
export async function serveCall(operations: Operations, call: Call & AnyArguments, serving: Serving): Promise<unknown> {
  const served = Object.hasOwn(servedCalls, call.operation) ? servedCalls[call.operation] : undefined;
  if (served === undefined) throw badCall(`there is no operation "${call.operation}"`);
  return served(operations, call, serving);
}
