/** Trials of a configuration and its connectors, and questions to Statewave: nothing of it runs in a runner. */
export { type AskAnswer, type AskFinding, type AskOptions, askStatewave, type Question } from "./ask/ask-statewave.ts";
export { checkEntries, type EntryCheck } from "./checks/check-entries.ts";
export type { Diagnosis, Finding } from "./checks/finding.ts";
export { createLogger } from "./logging/logger.ts";
export { diagnose, type DiagnoseRequest } from "./doctor/diagnose.ts";
export type { ReportedDiagnosis } from "./doctor/reported-diagnosis.ts";
export { type ConnectorAbilities, inspectConnector } from "./trial/inspect-connector.ts";
export type { Sample } from "./trial/send-sample.ts";
export { simulate, type SimulatedSample, type SimulationRequest } from "./trial/simulate.ts";
export { type PullTrial, tryPull, type TryPullRequest } from "./trial/try-pull.ts";
export { type PushTrial, tryPush, type TryPushRequest } from "./trial/try-push.ts";
