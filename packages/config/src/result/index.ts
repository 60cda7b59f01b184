/** The parts of a loaded configuration, and what follows from them. */
export type {
  AdminConfig,
  HttpConfig,
  InboxConfig,
  MetricsAuth,
  MetricsConfig,
  NoticeEvent,
  NoticesConfig,
  NotifyEntry,
  PrivacyConfig,
  RetentionConfig,
  RunnerConfig,
  StateConfig,
  StatewaveConfig,
} from "./connectors-config.ts";
export { type EffectiveRules, effectiveRules, privacyWarnings } from "./effective-rules.ts";
export { filePlaces } from "./file-places.ts";
export { isSameEntry, isSameValue } from "./is-same-entry.ts";
export { receiverPath } from "./receiver-path.ts";
export { isLoopbackHost, type ListenAddress } from "../schema/listen-address.ts";
