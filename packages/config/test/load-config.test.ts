import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadEntries, loadText, problemsOf, temporaryFolder } from "./load-text.ts";
import { revealAll } from "./reveal-all.ts";

const sink = '[statewave]\nurl = "https://memory.example/"\n';

test("a file with nothing but a sink has the documented defaults", async () => {
  const cwd = temporaryFolder();
  const { config, connectors } = await loadText(sink, { cwd });
  expect(connectors.size).toBe(0);
  expect(config).toEqual({
    path: join(cwd, "test.toml"),
    baseDir: cwd,
    statewave: { url: "https://memory.example", tenantHeader: "X-Tenant-ID", maxInFlight: 2, lingerMs: 5 },
    runner: {
      host: "0.0.0.0",
      port: 3000,
      stateDir: join(cwd, "var/connectors-state"),
      logFormat: "json",
      logLevel: "info",
      timezone: "UTC",
      drainTimeoutMs: 25_000,
      syncTimeoutMs: 300_000,
      maxConcurrentSyncs: 8,
      maxBodyBytes: 1_048_576,
      hideMounts: true,
      state: { kind: "memory", livesIn: "process", options: {} },
      inbox: { kind: "memory", livesIn: "process", dedupWindowMs: 86_400_000, maxDepth: 1_000_000, options: {} },
      metrics: { path: "/metrics", auth: { kind: "none" }, perSource: "all" },
    },
    pull: [],
    push: [],
    connectorPackages: {},
  });
});

test("every key of the runner's tables is taken over", async () => {
  const cwd = temporaryFolder();
  const { config } = await loadText(
    `[statewave]
url = "http://127.0.0.1:8080/base/"
api_key = "key"
tenant_id = "acme"
tenant_header = "X-Org"
max_in_flight = 4
linger_ms = 0
[runner]
host = "::1"
port = 0
state_dir = "/srv/state"
log_format = "text"
timezone = "Europe/Berlin"
drain_timeout = "500ms"
sync_timeout = "2h"
max_concurrent_syncs = 1
max_body = "64KiB"
hide_mounts = true
[runner.state]
kind = "server"
url = "server://r"
table = "t"
require_durable = true
[runner.inbox]
kind = "disk"
path = "inbox.db"
dedup_window = "7d"
max_depth = 10
[runner.metrics]
path = "/internal/metrics"
on_webhook_port = true
[runner.metrics.auth]
kind = "basic"
username = "u"
password = "p"
[runner.admin]
listen = "[::]:9464"
token = "t"
allowed_hosts = ["admin.internal"]
`,
    { cwd },
  );
  expect(revealAll(config.statewave)).toEqual({
    url: "http://127.0.0.1:8080/base",
    apiKey: "key",
    tenantId: "acme",
    tenantHeader: "X-Org",
    maxInFlight: 4,
    lingerMs: 0,
  });
  expect(revealAll(config.runner)).toEqual({
    host: "::1",
    port: 0,
    stateDir: "/srv/state",
    logFormat: "text",
    logLevel: "info",
    timezone: "Europe/Berlin",
    drainTimeoutMs: 500,
    syncTimeoutMs: 7_200_000,
    maxConcurrentSyncs: 1,
    maxBodyBytes: 65_536,
    hideMounts: true,
    state: { kind: "server", options: { url: "server://r", table: "t", require_durable: true } },
    inbox: { kind: "disk", dedupWindowMs: 604_800_000, maxDepth: 10, options: { path: "inbox.db" } },
    metrics: {
      path: "/internal/metrics",
      auth: { kind: "basic", username: "u", password: "p" },
      perSource: "all",
      onWebhookPort: true,
    },
    admin: { listen: { host: "::", port: 9464 }, token: "t", allowedHosts: ["admin.internal"] },
  });
});

test.each([
  ['"1MiB"', 1_048_576],
  ['"25MB"', 25_000_000],
  ['"512B"', 512],
  ['"2048"', 2048],
  ["4096", 4096],
])("max_body = %s is %i bytes", async (text, bytes) => {
  expect((await loadText(`${sink}[runner]\nmax_body = ${text}`)).config.runner.maxBodyBytes).toBe(bytes);
});

test.each([
  ['[runner.metrics]\nauth = { kind = "bearer", token = "t" }', { kind: "bearer", token: "t" }],
  ['[runner.metrics.auth]\nkind = "bearer"\ntoken = "t"', { kind: "bearer", token: "t" }],
  ['[runner.metrics]\nauth = { kind = "none" }', { kind: "none" }],
])("metrics auth is an inline table or a table: %j", async (text, auth) => {
  expect(revealAll((await loadText(sink + text)).config.runner.metrics.auth)).toEqual(auth);
});

describe("where episodes go", () => {
  test.each([
    ["stdout:", "stdout:"],
    ["file:episodes.jsonl", "file:{cwd}/episodes.jsonl"],
    ["file:./out/episodes.jsonl", "file:{cwd}/out/episodes.jsonl"],
    ["file:/srv/a b.jsonl", "file:/srv/a b.jsonl"],
    ["file:///srv/a.jsonl", "file:/srv/a.jsonl"],
    ["HTTP://localhost:8080", "HTTP://localhost:8080"],
  ])("%s is %s", async (url, expected) => {
    const cwd = temporaryFolder();
    const { config } = await loadText(`[statewave]\nurl = "${url}"`, { cwd });
    expect(config.statewave.url).toBe(expected.replace("{cwd}", cwd));
  });

  test.each([
    "",
    "memory.example",
    "ftp://x",
    "http://",
    "https:x",
    "file:",
    "file://",
    "file://host/x",
    "stdout",
    "stdout:x",
    "http://x?a=1",
    "http://x#a",
  ])("%j is refused", async (url) => {
    const problems = await problemsOf(loadText(`[statewave]\nurl = "${url}"`));
    expect(problems).toMatchObject([{ path: "statewave.url", line: 2 }]);
  });

  test("an empty api_key or tenant_id is none", async () => {
    const { config } = await loadText('[statewave]\nurl = "stdout:"\napi_key = "${KEY:-}"\ntenant_id = "${TENANT:-}"');
    expect(config.statewave).not.toHaveProperty("apiKey");
    expect(config.statewave).not.toHaveProperty("tenantId");
  });
});

test("entries are taken over with their connector's options", async () => {
  const { config, connectors } = await loadEntries(`
[[pull.full]]
name = "main-repo_2"
schedule = "every 1h"
repo = "acme/widgets"
subject = "repo:widgets"
max_items = 7
dry_run = true
catch_up = "skip"
[[pull.full]]
name = "second"
schedule = "0 */6 * * *"
repo = "acme/gadgets"
[[push.full]]
name = "main-repo_2"
signing_secret = "s"
subject = "team"
pull = "second"
`);
  const schedule = expect.objectContaining({ text: "every 1h", intervalMs: 3_600_000 });
  expect(config.pull).toEqual([
    {
      kind: "full",
      name: "main-repo_2",
      schedule,
      subject: "repo:widgets",
      maxItems: 7,
      dryRun: true,
      catchUp: "skip",
      options: { repo: "acme/widgets", labels: [] },
    },
    {
      kind: "full",
      name: "second",
      schedule: expect.objectContaining({ text: "0 */6 * * *" }),
      dryRun: false,
      catchUp: "once",
      options: { repo: "acme/gadgets", labels: [] },
    },
  ]);
  expect(config.push).toEqual([
    { kind: "full", name: "main-repo_2", subject: "team", pull: "second", options: { signing_secret: "s" } },
  ]);
  expect([...connectors].map(([kind, connector]) => [kind, connector.version])).toEqual([["full", "1.2.3"]]);
});

test("cron is read in the runner's time zone", async () => {
  const { config } = await loadEntries(
    '[runner]\ntimezone = "Asia/Tokyo"\n[[pull.full]]\nname = "a"\nrepo = "r"\nschedule = "0 9 * * *"',
  );
  expect(config.pull[0]!.schedule.nextAfterMs(Date.parse("2026-01-01T12:00:00Z"))).toBe(Date.parse("2026-01-02T00:00:00Z"));
});
