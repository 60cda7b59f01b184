/** How the sources stand, how their runs went, and what became of an event. */
export { listRuns } from "../runs/list-runs.ts";
export { isBalanced, type RunAccount, type RunError } from "../runs/run-account.ts";
export { configuredSink } from "../sink-binding/sink-identity.ts";
export { readStatus } from "./read-status.ts";
export type { EntryCondition, EntryStatus, OverallCondition, StatusReport } from "./status-report.ts";
export { trace, type Trace, type TraceFinding } from "./trace.ts";
