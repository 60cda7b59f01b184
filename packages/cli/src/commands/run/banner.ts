import type { RunnerDescription } from "@statewave-connectors/runner";

export interface BannerFacts {
  readonly configPath: string;
  /** How the file was found, e.g. `explicit`. */
  readonly foundBy: string;
  readonly description: RunnerDescription;
}

/** What `run` prints once it listens. */
export function formatBanner({ configPath, foundBy, description }: BannerFacts): string {
  const { pulls, pushes, state, inbox, sink, url, adminUrl, consoleUrl, metricsPath } = description;
  const lines = [
    "statewave-connectors run",
    `  config: ${configPath}${foundBy === "explicit" ? "" : ` [${foundBy}]`}`,
    `  listening: ${url ?? "-"}`,
    "  pull schedules:",
    ...(pulls.length === 0
      ? ["    none"]
      : pulls.map((pull) => `    ${pull.kind}/${pull.name} (${pull.schedule})${pull.dryRun ? " [dry run]" : ""}`)),
    "  push receivers:",
    ...(pushes.length === 0 ? ["    none"] : pushes.map((push) => `    ${push.kind}/${push.name} → ${push.path}`)),
    `  sink: ${sink}`,
    `  state: ${state.kind}, cursors are ${state.durability}`,
    `  inbox: ${inbox.kind}, a 2xx means ${inbox.durability}`,
    ...(adminUrl === undefined ? [] : [`  admin: ${adminUrl}/readyz, ${adminUrl}${metricsPath}`]),
    ...(consoleUrl === undefined ? [] : [`  console: ${consoleUrl}`]),
    `  health: /healthz, /readyz${adminUrl === undefined ? `; metrics: ${metricsPath}` : ""}`,
    "  Ctrl-C to stop.",
  ];
  return `${lines.join("\n")}\n`;
}
