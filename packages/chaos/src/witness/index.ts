/*
 * What tests of several processes share with the command: who held which source, what was stored, and whether that keeps the promises.
 */
export { Fleet, type FleetOptions, type FleetProcess, Member } from "../fleet.ts";
export { balanced, type Declared, reconcile, type Reconciliation } from "../judge/account.ts";
export { checkJournal, type Disturbances, lateAfterMs, momentMs, noViolations, type Violations } from "../judge/check-journal.ts";
export { successorTimes, toLeases } from "../judge/journaled-leases.ts";
export { summarize } from "../judge/summarize.ts";
export { readJournal, writeJournal } from "./journal.ts";
export { delegate, witnessed } from "./witnessed-cursor-store.ts";
