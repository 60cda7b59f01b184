/** What a program needs that writes configurations, or tries an entry without one. */
export { envExample, envFile } from "./starter/env-file.ts";
export {
  defaultSchedule,
  schemaFileName,
  type StarterEntry,
  type StarterFile,
  starterFile,
  type StarterPlan,
  type StarterVariable,
} from "./starter/starter-file.ts";
export { settingTable } from "./setting-table.ts";
export { loadNamedConnector, type NamedConnector } from "./trial/named-connector.ts";
export { readOptionArguments } from "./trial/option-arguments.ts";
export { parseTrial, type Trial, type TrialRequest } from "./trial/parse-trial.ts";
