export type {
  AdminConfig,
  ConnectorsConfig,
  HttpConfig,
  InboxConfig,
  MetricsAuth,
  MetricsConfig,
  NoticeEvent,
  NoticesConfig,
  NotifyEntry,
  RetentionConfig,
  PrivacyConfig,
  PullEntry,
  PushEntry,
  RunnerConfig,
  StateConfig,
  StatewaveConfig,
} from "./result/connectors-config.ts";
export { type EffectiveRules, effectiveRules, privacyWarnings } from "./result/effective-rules.ts";
export { describeOptions, type OptionDescription } from "@statewave-connectors/connector-sdk/schema";
export type { Environment, FoundBy } from "./load/find-config.ts";
export { isLoopbackHost, type ListenAddress } from "./schema/listen-address.ts";
export { type AdapterRequest, loadAdapter } from "./adapters/load-adapter.ts";
export {
  adapterMaps,
  type AdapterRole,
  type ConnectorsInput,
  type GivenAdapters,
  toConnectorMap,
} from "./adapters/given-adapters.ts";
export { loadOptionalPackage } from "./adapters/load-optional-package.ts";
export { loadConfig, type LoadConfigOptions, type LoadedConfig, type ParsedConfig } from "./load/load-config.ts";
export { type KnownAdapters, knownAdapters, type KnownAdaptersOptions, type KnownConnector } from "./adapters/known-adapters.ts";
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
export { loadNamedConnector, type NamedConnector } from "./trial/named-connector.ts";
export { readOptionArguments } from "./trial/option-arguments.ts";
export { configJsonSchema, type SchemaParts } from "./json-schema/config-json-schema.ts";
export { loadConnectors, type LoadConnectorsOptions, searchPlaces } from "./adapters/load-connectors.ts";
export type { ConfigInput, EntryInput, PullEntryInput, PushEntryInput } from "./load/config-input.ts";
export { parseConfig, type ParseConfigOptions } from "./load/parse-config.ts";
export { didYouMean } from "./check/did-you-mean.ts";
export { ConfigInvalidError, type ConfigProblem, formatProblem } from "./check/problems.ts";
export { isSameEntry, isSameValue } from "./result/is-same-entry.ts";
export { filePlaces } from "./result/file-places.ts";
export { receiverPath } from "./result/receiver-path.ts";
export { parseSchedule, type Schedule, type ScheduleOptions } from "./schedule/schedule.ts";
export { parseTrial, type Trial, type TrialRequest } from "./trial/parse-trial.ts";
export { type PrintableConfig, printableConfig } from "./result/printable-config.ts";
