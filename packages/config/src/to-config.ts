import { resolve } from "node:path";
import type { InferOutput } from "valibot";
import type { CheckedAdapters } from "./check-adapters.ts";
import type { AdminConfig, MetricsConfig, RunnerConfig, StatewaveConfig } from "./connectors-config.ts";
import type { adminTable, metricsTable, runnerTable, statewaveTable } from "./core-schema.ts";
import { isLoopbackHost, parseListenAddress } from "./listen-address.ts";
import { parseDurationMs, parseSizeBytes } from "./quantities.ts";

/*
 * From the file's own words (checked, defaults filled in) to what the program works with.
 */

export function toStatewaveConfig(table: InferOutput<typeof statewaveTable>, baseDir: string): StatewaveConfig {
  return {
    url: toSinkUrl(table.url, baseDir),
    ...(nonEmpty(table.api_key) && { apiKey: table.api_key }),
    ...(nonEmpty(table.tenant_id) && { tenantId: table.tenant_id }),
    tenantHeader: table.tenant_header,
    maxInFlight: table.max_in_flight,
    lingerMs: table.linger_ms,
  };
}

/** `${VAR:-}` makes an option optional for the environment, too. */
function nonEmpty(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

function toSinkUrl(url: string, baseDir: string): string {
  if (url.startsWith("file:")) return `file:${resolve(baseDir, url.slice("file:".length).replace(/^\/{3}/, "/"))}`;
  return url === "stdout:" ? url : url.replace(/\/+$/, "");
}

export function toRunnerConfig(
  table: InferOutput<typeof runnerTable>,
  { state, inbox }: CheckedAdapters,
  baseDir: string,
): RunnerConfig {
  const admin = toAdminConfig(table.admin);
  return {
    host: table.host,
    port: table.port,
    stateDir: resolve(baseDir, table.state_dir),
    logFormat: table.log_format,
    timezone: table.timezone,
    drainTimeoutMs: parseDurationMs(table.drain_timeout)!,
    syncTimeoutMs: parseDurationMs(table.sync_timeout)!,
    maxConcurrentSyncs: table.max_concurrent_syncs,
    maxBodyBytes: typeof table.max_body === "number" ? table.max_body : parseSizeBytes(table.max_body)!,
    hideMounts: table.hide_mounts ?? (admin !== undefined || !isLoopbackHost(table.host)),
    state: { kind: table.state.kind, options: state.options },
    inbox: {
      kind: table.inbox.kind ?? table.state.kind,
      dedupWindowMs: parseDurationMs(table.inbox.dedup_window)!,
      maxDepth: table.inbox.max_depth,
      options: inbox.options,
    },
    metrics: toMetricsConfig(table.metrics),
    ...(admin !== undefined && { admin }),
  };
}

function toMetricsConfig({ path, auth, on_webhook_port: onWebhookPort }: InferOutput<typeof metricsTable>): MetricsConfig {
  return { path, auth, ...(onWebhookPort !== undefined && { onWebhookPort }) };
}

function toAdminConfig(table: InferOutput<typeof adminTable>): AdminConfig | undefined {
  const listen = parseListenAddress(table.listen ?? "");
  if (listen === undefined) return undefined;
  return { listen, ...(nonEmpty(table.token) && { token: table.token }), allowedHosts: table.allowed_hosts };
}
