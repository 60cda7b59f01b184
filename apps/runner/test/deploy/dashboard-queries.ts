import { readDeployed } from "./deploy-folder.ts";

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** A query of a panel, as Prometheus gets it. */
export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
}

/** Every query of the Grafana dashboard, with its variables replaced. A panel without one yields an empty query. */
export function dashboardQueries(): readonly DashboardQuery[] {
  const { panels } = JSON.parse(readDeployed("grafana/dashboard.json")) as { readonly panels: readonly Panel[] };
  return panels
    .filter(({ type }) => type !== "row")
    .flatMap(({ title, targets = [{ expr: "" }] }) =>
      targets.map(({ expr }) => ({
        panel: title,
        expr: expr
          .replaceAll("$job", "statewave-connectors")
          .replaceAll("$namespace", ".*")
          .replaceAll("$__rate_interval", "30s"),
      })),
    );
}
