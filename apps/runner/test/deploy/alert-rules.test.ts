import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readDeployed, repository } from "./deploy-folder.ts";
import { dashboardQueries } from "./dashboard-queries.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const { groups } = parse(readDeployed("prometheus/alerts.yml")) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const runbook = readFileSync(join(repository, "docs/guides/alerts.md"), "utf8");
const reference = readFileSync(join(repository, "docs/reference/metrics.md"), "utf8");

/** The names of series in an expression: functions, labels and their values are left out. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, "").replaceAll(/\{[^}]*\}/g, "");
  return [...bare.matchAll(/\b(statewave_\w+|process_\w+|nodejs_\w+|up)\b/g)].map(([name]) => name);
}

/** Whether the reference has a metric: of a histogram, its parts too. */
function isDocumented(name: string): boolean {
  return reference.includes(`\`${name.replace(/_(bucket|sum|count)$/, "")}\``);
}

const isOurs = (name: string) => name.startsWith("statewave_");

test("the alerts of the reference keep their names", () => {
  const names = ["PullStale", "PullErrors", "PushIdle", "NotReady"].map((name) => `StatewaveConnectors${name}`);
  expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(names));
});

describe.each(rules)("$alert", ({ alert, expr, labels, annotations }) => {
  test("queries metrics that there are", () => {
    const names = metricsIn(expr);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => isOurs(name) && !isDocumented(name))).toEqual([]);
  });

  test("takes one value of several processes within an installation, and never one of two installations", () => {
    expect(expr).not.toMatch(/\b(sum|min|max) ?\(/);
    for (const [, grouping] of expr.matchAll(/\b(?:sum|min|max) by \((.*?)\)/g))
      expect(grouping).toMatch(/^namespace, service\b/);
  });

  test("has a severity, a summary, and a section of the runbook", () => {
    expect(["critical", "warning", "info"]).toContain(labels.severity);
    expect(annotations.summary).not.toBe("");
    const address = "https://github.com/statewave-connectors/statewave-connectors/blob/main/docs/guides/alerts.md";
    expect(annotations.runbook_url).toBe(`${address}#${alert.toLowerCase()}`);
    expect(runbook).toContain(`\n## ${alert}\n\n`);
  });

  test("has a unit test in which it fires and one in which it stays silent", () => {
    const { tests } = parse(readDeployed("prometheus/alerts.test.yml")) as {
      readonly tests: readonly { readonly name: string }[];
    };
    const own = tests.filter(({ name }) => name.startsWith(`${alert} `));
    expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining([`${alert} fires`, `${alert} stays silent`]));
  });
});

test("the runbook has no section of an alert that there is not", () => {
  const sections = [...runbook.matchAll(/^## (StatewaveConnectors\w+)$/gm)].map(([, name]) => name);
  expect(new Set(sections)).toEqual(new Set(rules.map(({ alert }) => alert)));
});

test("the dashboard takes one value of several processes within an installation, and never one for a source of two installations", () => {
  const groupings = dashboardQueries().flatMap(({ expr }) =>
    [...expr.matchAll(/\b(?:min|max) by \((.*?)\)/g)].map(([, grouping]) => grouping),
  );
  expect(groupings.length).toBeGreaterThan(0);
  for (const grouping of groupings) expect(grouping).toMatch(/^namespace, service\b/);
});

test("the dashboard queries metrics that there are, and each panel has a query", () => {
  const queries = dashboardQueries();
  expect(queries.length).toBeGreaterThan(20);
  expect(queries.filter(({ expr }) => expr === "")).toEqual([]);
  const names = queries.flatMap(({ expr }) => metricsIn(expr));
  expect([...new Set(names)].filter((name) => isOurs(name) && !isDocumented(name))).toEqual([]);
});
