import type { ListenAddress } from "../schema/listen-address.ts";
import type { noticeEvents } from "../schema/notify-table.ts";
import type { Secret } from "@statewave-connectors/connector-sdk";
import type { StateHome } from "@statewave-connectors/connector-sdk/store";
import type { Schedule } from "../schedule/schedule.ts";

/** A file that was read, checked and found right. Durations are milliseconds, sizes bytes, folders absolute. */
export interface ConnectorsConfig {
  /** The file, absolute. */
  readonly path: string;
  /** Its folder: relative paths start here. */
  readonly baseDir: string;
  readonly statewave: StatewaveConfig;
  readonly runner: RunnerConfig;
  /** Absent: nothing is redacted, unless an entry says so. */
  readonly privacy?: PrivacyConfig;
  /** Absent: no notice is sent. */
  readonly notices?: NoticesConfig;
  readonly pull: readonly PullEntry[];
  readonly push: readonly PushEntry[];
  /** `[connectors]`: the package or path of a kind, where the usual name is not meant. Without a prototype. */
  readonly connectorPackages: Readonly<Record<string, string>>;
}

export interface StatewaveConfig {
  /** `http(s)://…` without user info and a trailing slash, `stdout:`, or `file:` and an absolute path (plain, not percent-encoded). */
  readonly url: string;
  /** `user:password`, decoded, of a URL that has them: for a proxy in front of the server. */
  readonly credentials?: Secret;
  readonly apiKey?: Secret;
  readonly tenantId?: string;
  readonly tenantHeader: string;
  readonly maxInFlight: number;
  readonly lingerMs: number;
  /** Absent: nothing is compiled. */
  readonly compile?: CompileConfig;
}

/** `[statewave.compile]` with `mode = "after"`: when subjects are compiled. */
export interface CompileConfig {
  /** How long a subject rests before. */
  readonly quietMs: number;
  /** How long after its first new episode it is compiled at latest. */
  readonly atMostMs: number;
}

export interface RunnerConfig {
  /** Where packages are looked for instead of the file's folder and the working directory, to which other users may write. */
  readonly packageFolders?: readonly string[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly stateDir: string;
  readonly logFormat: "json" | "text";
  /** The least severe level that is logged. */
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly timezone: string;
  readonly drainTimeoutMs: number;
  readonly syncTimeoutMs: number;
  readonly maxConcurrentSyncs: number;
  readonly maxBodyBytes: number;
  /** What may precede every path on the webhook port, without a slash at its end. Absent: nothing. */
  readonly basePath?: string;
  readonly hideMounts: boolean;
  readonly state: StateConfig;
  readonly inbox: InboxConfig;
  /** Absent: nothing is forgotten because of its age. */
  readonly retention?: RetentionConfig;
  readonly metrics: MetricsConfig;
  /** Absent: there is no address for operators. */
  readonly admin?: AdminConfig;
  /** Absent: the environment decides about proxies, and Node's authorities are trusted. */
  readonly http?: HttpConfig;
}

/** `[runner.http]`: how requests leave the process. */
export interface HttpConfig {
  /** Absent: the environment decides. Empty: none. */
  readonly proxy?: Secret;
  /** Absolute. */
  readonly caFile?: string;
}

/** `[runner.admin]`: where details are served that the webhook port must not show. */
export interface AdminConfig {
  readonly listen: ListenAddress;
  /** Absent only where `listen` is a loopback address. */
  readonly token?: Secret;
  /** Further names that a Host header may carry. */
  readonly allowedHosts: readonly string[];
  /** The page for operators. Absent: it is not served. */
  readonly console?: { readonly allowActions: boolean };
}

/** `[privacy]`: what is replaced in episodes before they leave the process. */
export interface PrivacyConfig {
  /** Names of rules for every entry that lists none itself. */
  readonly redact: readonly string[];
  /** Rules of the operator. They apply to every entry that lists none itself. */
  readonly rules: readonly { readonly name: string; readonly pattern: string }[];
}

/** `[runner.notices]`, and the `[[notify]]` entries. */
export interface NoticesConfig {
  /** How long a trouble must last before it is reported, and be over before its end is. */
  readonly settleMs: number;
  /** How long the oldest webhook may wait in the inbox. */
  readonly inboxAgeMs: number;
  readonly notify: readonly NotifyEntry[];
}

export type NoticeEvent = (typeof noticeEvents)[number];

/** A `[[notify]]`. */
export interface NotifyEntry {
  readonly name: string;
  readonly url: Secret;
  readonly format: "slack" | "json";
  readonly events: readonly NoticeEvent[];
}

export interface StateConfig {
  readonly kind: string;
  /** As its package declares. Absent: on a server. */
  readonly livesIn?: StateHome;
  /** Encrypts the values of storages: the first one encrypts, all of them decrypt. */
  readonly key?: readonly Secret[];
  /** What the store is opened with: the keys that are its package's own, `${…}` replaced. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface InboxConfig {
  readonly kind: string;
  /** As its package declares. Absent: on a server. */
  readonly livesIn?: StateHome;
  readonly dedupWindowMs: number;
  readonly maxDepth: number;
  /** What the inbox is opened with: the keys that are its package's own and, when it names no kind, the state's that it knows but for `path`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** `[runner.retention]`: after how long what is of no more use is forgotten. */
export interface RetentionConfig {
  /** Absent: until someone acts. */
  readonly deadLettersMs?: number;
  /** Absent: as many as a source keeps. */
  readonly runsMs?: number;
}

export interface MetricsConfig {
  readonly path: string;
  readonly auth: MetricsAuth;
  /** Whether the webhook port serves them. Absent: only without an `admin` address. */
  readonly onWebhookPort?: boolean;
  /** Which sources have series of their own: all, or only those that need attention. */
  readonly perSource: "all" | "unhealthy";
  /** Whether histograms have series for each source, or only for each kind. Absent: while there are at most 100 sources. */
  readonly perSourceHistograms?: boolean;
}

export type MetricsAuth =
  | { readonly kind: "none" }
  | { readonly kind: "bearer"; readonly token: Secret }
  | { readonly kind: "basic"; readonly username: string; readonly password: Secret };

/** A `[[pull.<kind>]]` entry. */
export interface PullEntry {
  readonly kind: string;
  readonly name: string;
  readonly schedule: Schedule;
  readonly subject?: string;
  /** Rules instead of those of `[privacy]`. */
  readonly redact?: readonly string[];
  readonly maxItems?: number;
  readonly dryRun: boolean;
  readonly catchUp: "once" | "skip";
  /** What the connector's schema made of its own keys. */
  readonly options: unknown;
}

/** A `[[push.<kind>]]` entry. */
export interface PushEntry {
  readonly kind: string;
  readonly name: string;
  readonly subject?: string;
  /** Rules instead of those of `[privacy]`. */
  readonly redact?: readonly string[];
  /** The name of its twin, a pull entry of the same kind. */
  readonly pull?: string;
  /** Where it is mounted, for a program that sets it in code. Default: `/<kind>/<name>/events`. */
  readonly path?: string;
  /** What the connector's schema made of its own keys. */
  readonly options: unknown;
}
