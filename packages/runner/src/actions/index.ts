/** The log of what operators do, and who they are. */
export { type Actor, actorOfProcess, formatActor } from "./actor.ts";
export { forgetSecrets, storedSecrets } from "./forget-secrets.ts";
export { lettersBefore } from "./letters-before.ts";
export { type ActionLog, type ActionResult, listActions, recordAction, recordActionIfKept } from "./record-action.ts";
export type { ActionChange, ActionOutcome, OperatorAction, RecordedAction } from "./recorded-action.ts";
