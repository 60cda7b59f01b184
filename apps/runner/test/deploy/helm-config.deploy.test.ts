import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { renderChart } from "./chart.ts";
import { describeWithProgram, readDeployed } from "./deploy-folder.ts";

/** `config` of the chart's own values, as an operator edits it. */
const { config } = parse(readDeployed("helm/statewave-connectors/values.yaml")) as { readonly config: string };
const runner = (line: string) => config.replace("[runner]\n", `[runner]\n${line}\n`);
const admin = (listen: string) => config.replace('listen = "0.0.0.0:9464"', listen);
const without = (table: string) => config.replace(new RegExp(`^\\[${table}\\]\\n(?:\\w+ = .*\\n)*`, "m"), "");
const dottedPort = `runner.port = 8080\n${without("runner")}`;
const inline =
  'runner = { port = 8080, state = { kind = "file" }, admin = { listen = "0.0.0.0:9464" } }\n\n[statewave]\nurl = "http://statewave:8100"\n';
const dottedAdmin = without("runner.admin").replace("[runner]\n", '[runner]\nadmin.listen = "0.0.0.0:9464"\n');
const shared = config.replace('kind = "file"', 'kind = "postgres"\nurl = "postgres://statewave@db/connectors"');

describeWithProgram("helm", "the chart holds config against its other values:", () => {
  const folder = mkdtempSync(join(tmpdir(), "chart-config-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the chart has against these values. */
  function refusal(values: Readonly<Record<string, unknown>>): string {
    const file = join(folder, "values.yaml");
    writeFileSync(file, JSON.stringify(values));
    return renderChart(["--values", file]).error;
  }

  test("it reads the kind of [runner.state] and of no other table", () => {
    const other = `[runner.inbox]\nkind = "postgres"\nurl = "postgres://statewave@db/connectors"\n\n${config}`;
    expect(refusal({ config: other })).toBe("");
    expect(refusal({ config: other, state: { kind: "shared" } })).toContain("state.kind is shared: set kind");
  });

  test("it refuses shared state with an inbox that is lost with its pod", () => {
    const ownInbox = `${shared}\n[runner.inbox]\nkind = "file"\n`;
    expect(refusal({ state: { kind: "shared" }, config: ownInbox })).toContain("state.kind is shared: webhooks");
  });

  test.each([
    ["40s", "is 45: set more than 45"],
    ["39s", ""],
    ["1m", "is 45: set more than 65"],
    ["39001ms", "is 45: set more than 45"],
    ["1d", "is 45: set more than 86405"],
  ])("the grace period is longer than a drain_timeout of %s", (drain, reason) => {
    const error = refusal({ config: runner(`drain_timeout = "${drain}"`) });
    expect(error === "").toBe(reason === "");
    expect(error).toContain(reason);
  });

  const scraped = { monitoring: { serviceMonitor: { enabled: true } } };
  test.each([
    ["a webhook port that no Service leads to", { config: runner("port = 8080") }, "ports.webhooks is 3000: set it to 8080"],
    ["a webhook port without one in config", { ports: { webhooks: 8080 } }, "ports.webhooks is 8080: set it to 3000"],
    ["an admin port that no Service leads to", { config: admin('listen = "[::]:9000"') }, "ports.admin is 9464: set it to 9000"],
    ["a scrape of an address that a pod alone reaches", { ...scraped, config: admin('listen = "127.0.0.1:9464"') }, "set listen"],
    ["a scrape without an admin address", { ...scraped, config: admin("") }, "set listen"],
  ])("it refuses %s", (_, values, reason) => {
    expect(refusal(values)).toContain(reason);
  });

  test.each([
    ["the same webhook port on both sides", { config: runner("port = 8080 # ours"), ports: { webhooks: 8080 } }],
    ["a webhook port that comes from a variable", { config: runner('port = "${PORT:-8080}"'), ports: { webhooks: 8080 } }],
    ["an admin address that nothing scrapes", { config: admin('listen = "127.0.0.1:9464"') }],
    ["a scrape of the admin port", scraped],
    ["a webhook port in a dotted key", { config: dottedPort, ports: { webhooks: 8080 } }],
    ["a runner in an inline table", { config: inline, ports: { webhooks: 8080 }, ...scraped }],
    ["a scrape of an admin address in a dotted key", { ...scraped, config: dottedAdmin }],
    ["a configuration that is elsewhere", { existingConfigMap: "own", ports: { webhooks: 8080 }, ...scraped }],
  ])("it takes %s", (_, values) => {
    expect(refusal(values)).toBe("");
  });
});
