import { resolve } from "node:path";
import { Secret } from "@statewave-connectors/connector-sdk";
import { withoutTrailingSlashes } from "@statewave-connectors/connector-sdk/options";
import type { InferOutput } from "valibot";
import type { CheckedAdapter, CheckedAdapters } from "../check/check-adapters.ts";
import type {
  AdminConfig,
  HttpConfig,
  MetricsConfig,
  NoticesConfig,
  RunnerConfig,
  StateConfig,
  StatewaveConfig,
} from "./connectors-config.ts";
import type { adminTable } from "../schema/admin-table.ts";
import type { compileTable } from "../schema/compile-table.ts";
import type { httpTable } from "../schema/http-table.ts";
import type { retentionTable } from "../schema/retention-table.ts";
import type { metricsTable } from "../schema/metrics-table.ts";
import { noticeEvents, type noticesTable, type notifyTable } from "../schema/notify-table.ts";
import type { runnerTable } from "../schema/runner-table.ts";
import type { statewaveTable } from "../schema/statewave-table.ts";
import { isLoopbackHost, parseListenAddress } from "../schema/listen-address.ts";
import { sinkFile } from "./sink-file.ts";

/*
 * From the file's own words (checked, defaults filled in) to what the program works with.
 */

export function toStatewaveConfig(table: InferOutput<typeof statewaveTable>, baseDir: string): StatewaveConfig {
  return {
    ...toSink(table.url, baseDir),
    ...(table.api_key !== undefined && { apiKey: table.api_key }),
    ...(table.tenant_id !== undefined && { tenantId: table.tenant_id }),
    tenantHeader: table.tenant_header,
    maxInFlight: table.max_in_flight,
    lingerMs: table.linger_ms,
    ...toCompileConfig(table.compile),
  };
}

function toCompileConfig(table: InferOutput<typeof compileTable>): Pick<StatewaveConfig, "compile"> {
  const { mode, quiet: quietMs, at_most: atMostMs } = table;
  return mode === "off" ? {} : { compile: { quietMs, atMostMs } };
}

function toSink(url: string, baseDir: string): Pick<StatewaveConfig, "url" | "credentials"> {
  const file = sinkFile(url, baseDir);
  if (file !== undefined) return { url: `file:${file}` };
  if (url === "stdout:") return { url };
  const { username, password } = new URL(url);
  const plain = withoutTrailingSlashes(url);
  if (username === "" && password === "") return { url: plain };
  const withoutUser = plain.replace(/^(https?:\/\/)[^/?#\\]*@/i, "$1");
  return { url: withoutUser, credentials: new Secret(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`) };
}

export function toRunnerConfig(
  table: InferOutput<typeof runnerTable>,
  { state, inbox }: CheckedAdapters,
  baseDir: string,
): RunnerConfig {
  const admin = toAdminConfig(table.admin);
  const http = toHttpConfig(table.http, baseDir);
  return {
    host: table.host,
    port: table.port,
    stateDir: resolve(baseDir, table.state_dir),
    logFormat: table.log_format,
    logLevel: table.log_level,
    timezone: table.timezone,
    drainTimeoutMs: table.drain_timeout,
    syncTimeoutMs: table.sync_timeout,
    maxConcurrentSyncs: table.max_concurrent_syncs,
    maxBodyBytes: table.max_body,
    ...(withoutTrailingSlashes(table.base_path) !== "" && { basePath: withoutTrailingSlashes(table.base_path) }),
    hideMounts: table.hide_mounts ?? (admin !== undefined || !isLoopbackHost(table.host)),
    state: {
      kind: table.state.kind,
      ...homeOf(state),
      ...(table.state.key !== undefined && { key: table.state.key }),
      options: state.options,
    },
    inbox: {
      kind: table.inbox.kind ?? table.state.kind,
      ...homeOf(inbox),
      dedupWindowMs: table.inbox.dedup_window,
      maxDepth: table.inbox.max_depth,
      options: inbox.options,
    },
    ...toRetention(table.retention),
    metrics: toMetricsConfig(table.metrics),
    ...(admin !== undefined && { admin }),
    ...(http !== undefined && { http }),
  };
}

function toRetention(table: InferOutput<typeof retentionTable>): Pick<RunnerConfig, "retention"> {
  const { dead_letters: deadLettersMs, runs: runsMs } = table;
  if (deadLettersMs === undefined && runsMs === undefined) return {};
  return { retention: { ...(deadLettersMs !== undefined && { deadLettersMs }), ...(runsMs !== undefined && { runsMs }) } };
}

function homeOf({ livesIn }: CheckedAdapter): Pick<StateConfig, "livesIn"> {
  return livesIn === undefined ? {} : { livesIn };
}

function toHttpConfig({ proxy, ca_file: caFile }: InferOutput<typeof httpTable>, baseDir: string): HttpConfig | undefined {
  if (proxy === undefined && caFile === undefined) return undefined;
  return { ...(proxy !== undefined && { proxy }), ...(caFile !== undefined && { caFile: resolve(baseDir, caFile) }) };
}

function toMetricsConfig(table: InferOutput<typeof metricsTable>): MetricsConfig {
  const { path, auth, per_source: perSource } = table;
  const { on_webhook_port: onWebhookPort, per_source_histograms: perSourceHistograms } = table;
  return {
    path,
    auth,
    perSource,
    ...(onWebhookPort !== undefined && { onWebhookPort }),
    ...(perSourceHistograms !== undefined && { perSourceHistograms }),
  };
}

function toAdminConfig(table: InferOutput<typeof adminTable>): AdminConfig | undefined {
  const listen = parseListenAddress(table.listen ?? "");
  if (listen === undefined) return undefined;
  const { token, allowed_hosts: allowedHosts, console: hasConsole, allow_actions: allowActions } = table;
  return { listen, ...(token !== undefined && { token }), allowedHosts, ...(hasConsole && { console: { allowActions } }) };
}

export function toNoticesConfig(
  notify: readonly InferOutput<typeof notifyTable>[],
  { settle: settleMs, inbox_age: inboxAgeMs }: InferOutput<typeof noticesTable>,
): NoticesConfig {
  return { settleMs, inboxAgeMs, notify: notify.map((entry) => ({ ...entry, events: entry.events ?? noticeEvents })) };
}
