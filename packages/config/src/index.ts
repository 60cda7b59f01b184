export type {
  AdminConfig,
  ConnectorsConfig,
  HttpConfig,
  InboxConfig,
  MetricsAuth,
  MetricsConfig,
  PrivacyConfig,
  PullEntry,
  PushEntry,
  RunnerConfig,
  StateConfig,
  StatewaveConfig,
} from "./connectors-config.ts";
export { type EffectiveRules, effectiveRules, privacyWarnings } from "./effective-rules.ts";
export { describeOptions, type OptionDescription } from "@statewave-connectors/connector-sdk/options";
export type { Environment, FoundBy } from "./find-config.ts";
export { isLoopbackHost, type ListenAddress } from "./listen-address.ts";
export { type AdapterRequest, type AdapterRole, loadAdapter } from "./load-adapter.ts";
export { adapterMaps, type ConnectorsInput, type GivenAdapters, toConnectorMap } from "./given-adapters.ts";
export { loadConfig, type LoadConfigOptions, type LoadedConfig, type ParsedConfig } from "./load-config.ts";
export { loadConnectors, type LoadConnectorsOptions, searchPlaces } from "./load-connectors.ts";
export type { ConfigInput, EntryInput, PullEntryInput, PushEntryInput } from "./config-input.ts";
export { parseConfig, type ParseConfigOptions } from "./parse-config.ts";
export { ConfigInvalidError, type ConfigProblem, formatProblem } from "./problems.ts";
export { receiverPath } from "./receiver-path.ts";
export { parseSchedule, type Schedule, type ScheduleOptions } from "./schedule.ts";
export { parseTrial, type Trial, type TrialRequest } from "./trial/parse-trial.ts";
export { type PrintableConfig, printableConfig } from "./printable-config.ts";
