import type { ConnectorsConfig } from "@statewave-connectors/config";
import { isSameValue, type RunnerConfig, type StatewaveConfig } from "@statewave-connectors/config/result";
import type { ReloadStep } from "./reload-step.ts";

type Settings = Pick<ConnectorsConfig, "statewave" | "runner" | "privacy" | "notices" | "connectorPackages">;

/** What the keys of `StatewaveConfig` are called in the file, but for those that a running process can change. */
const statewaveNames: Readonly<Record<Exclude<keyof StatewaveConfig, "apiKey" | "credentials">, string>> = {
  url: "[statewave] url",
  tenantId: "[statewave] tenant_id",
  tenantHeader: "[statewave] tenant_header",
  maxInFlight: "[statewave] max_in_flight",
  lingerMs: "[statewave] linger_ms",
  compile: "[statewave.compile]",
};

/** The same for `RunnerConfig`. The time zone is part of schedules, and folders of packages follow from rights on the disk. */
const runnerNames: Readonly<Record<Exclude<keyof RunnerConfig, "timezone" | "packageFolders" | "metrics" | "admin">, string>> = {
  host: "[runner] host",
  port: "[runner] port",
  stateDir: "[runner] state_dir",
  logFormat: "[runner] log_format",
  logLevel: "[runner] log_level",
  drainTimeoutMs: "[runner] drain_timeout",
  syncTimeoutMs: "[runner] sync_timeout",
  maxConcurrentSyncs: "[runner] max_concurrent_syncs",
  maxBodyBytes: "[runner] max_body",
  basePath: "[runner] base_path",
  hideMounts: "[runner] hide_mounts",
  state: "[runner.state]",
  inbox: "[runner.inbox]",
  retention: "[runner.retention]",
  http: "[runner.http]",
};

/** What has changed outside the entries: secrets that can be replaced, and what needs a restart. Pure. */
export function planSettings(before: Settings, after: Settings): readonly ReloadStep[] {
  const steps: ReloadStep[] = [];
  const restart = (subject: string) => steps.push({ type: "restart", subject });
  for (const [key, name] of Object.entries(statewaveNames)) if (differs(before.statewave, after.statewave, key)) restart(name);
  for (const [key, name] of Object.entries(runnerNames)) if (differs(before.runner, after.runner, key)) restart(name);
  if (!isSameValue(before.privacy, after.privacy)) restart("[privacy]");
  if (!isSameValue(before.notices, after.notices)) restart("[[notify]]");
  const kinds = new Set([...Object.keys(before.connectorPackages), ...Object.keys(after.connectorPackages)]);
  for (const kind of kinds) if (differs(before.connectorPackages, after.connectorPackages, kind)) restart(`[connectors] ${kind}`);
  steps.push(...planMetrics(before.runner, after.runner), ...planAdmin(before.runner, after.runner));
  // A key for another server or tenant must not be sent to this one.
  const isSameServer = ["url", "tenantId", "tenantHeader"].every((key) => !differs(before.statewave, after.statewave, key));
  const hasNewKey = ["apiKey", "credentials"].some((key) => differs(before.statewave, after.statewave, key));
  return isSameServer && hasNewKey ? [{ type: "key" }, ...steps] : steps;
}

function planMetrics({ metrics: before }: RunnerConfig, { metrics: after }: RunnerConfig): readonly ReloadStep[] {
  if (isSameValue(before, after)) return [];
  const isSameBesides = isSameValue({ ...before, auth: undefined }, { ...after, auth: undefined });
  return isSameBesides && before.auth.kind === after.auth.kind
    ? [{ type: "credentials", subject: "[runner.metrics] auth" }]
    : [{ type: "restart", subject: "[runner.metrics]" }];
}

/** Whether there is a token decides where the address may be: it is not added or removed without a restart. */
function planAdmin({ admin: before }: RunnerConfig, { admin: after }: RunnerConfig): readonly ReloadStep[] {
  if (isSameValue(before, after)) return [];
  const isSameBesides = isSameValue({ ...before, token: undefined }, { ...after, token: undefined });
  return isSameBesides && before?.token !== undefined && after?.token !== undefined
    ? [{ type: "credentials", subject: "[runner.admin] token" }]
    : [{ type: "restart", subject: "[runner.admin]" }];
}

function differs(before: object, after: object, key: string): boolean {
  return !isSameValue(Reflect.get(before, key), Reflect.get(after, key));
}
