import type { Operations } from "../operations/operations.ts";
import { type BackfillArguments, backfillCalls } from "./backfill-calls.ts";
import { badCall, type Call, type ServedCall, type ServedCalls, type Serving } from "./call.ts";
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
  const served = servedCall(call);
  if (served === undefined) throw badCall(`there is no operation "${call.operation}"`);
  return served(operations, call, serving);
}

/** Whether the result of a call is sent as it is. What there is no operation for is masked. */
export function isUnmasked(call: Call): boolean {
  return servedCall(call)?.unmasked === true;
}

function servedCall({ operation }: Call): ServedCall<AnyArguments> | undefined {
  return Object.hasOwn(servedCalls, operation) ? servedCalls[operation] : undefined;
}
