import { type ConfigInput, type ConnectorsConfig, parseConfig } from "@statewave-connectors/config";
import { expect, test } from "vitest";
import { planReload } from "../../src/reload/plan-reload.ts";
import { subjectOf } from "../../src/reload/reload-step.ts";
import { notes } from "../notes-connector.ts";

const docs = { name: "docs", schedule: "every 1h", texts: ["a"] };
const team = { name: "team", signature: "first" };
const base = {
  statewave: { url: "https://statewave.example", api_key: "first-key" },
  runner: { port: 3000, metrics: { auth: { kind: "bearer", token: "first-token" } } },
  pull: { notes: [docs] },
  push: { notes: [team] },
} satisfies ConfigInput;

const parse = async (input: ConfigInput): Promise<ConnectorsConfig> => (await parseConfig(input, { connectors: [notes] })).config;

/** The steps from `base` to it, as text. */
async function planned(input: ConfigInput, from: ConfigInput = base): Promise<readonly string[]> {
  return planReload(await parse(from), await parse(input)).map((step) => `${step.type} ${subjectOf(step)}`);
}

const pulls = (...entries: readonly object[]) => ({ ...base, pull: { notes: entries } }) as ConfigInput;

test("a configuration that was not changed needs nothing", async () => {
  expect(await planned(structuredClone(base))).toEqual([]);
});

test.each<[string, ConfigInput, readonly string[]]>([
  ["an option", pulls({ ...docs, texts: ["b"] }), ["change pull:notes/docs"]],
  ["a schedule", pulls({ ...docs, schedule: "every 2h" }), ["change pull:notes/docs"]],
  ["a secret", { ...base, push: { notes: [{ ...team, signature: "second" }] } }, ["change push:notes/team"]],
  [
    "what comes and goes",
    { ...base, pull: { notes: [{ ...docs, name: "new" }] }, push: {} },
    ["add pull:notes/new", "remove push:notes/team", "remove pull:notes/docs"],
  ],
  [
    "a twin, which is opened before its receiver",
    { ...base, push: { notes: [{ ...team, pull: "docs" }] } },
    ["change pull:notes/docs", "change push:notes/team"],
  ],
  ["the key", { ...base, statewave: { ...base.statewave, api_key: "second-key" } }, ["key [statewave] api_key"]],
  [
    "the server, to whose predecessor the new key is not sent",
    { ...base, statewave: { url: "https://other.example", api_key: "second-key" } },
    ["restart [statewave] url"],
  ],
  [
    "the tenant, to whose predecessor the new key is not sent",
    { ...base, statewave: { ...base.statewave, api_key: "second-key", tenant_id: "other" } },
    ["restart [statewave] tenant_id"],
  ],
  [
    "the token of the metrics",
    { ...base, runner: { ...base.runner, metrics: { auth: { kind: "bearer", token: "second-token" } } } },
    ["credentials [runner.metrics] auth"],
  ],
  [
    "how metrics are protected",
    { ...base, runner: { ...base.runner, metrics: { auth: { kind: "none" } } } },
    ["restart [runner.metrics]"],
  ],
  [
    "ports, state, inbox and limits",
    {
      ...base,
      runner: {
        ...base.runner,
        port: 3001,
        max_body: "2MiB",
        state: { kind: "memory", key: "a-long-passphrase" },
        inbox: { max_depth: 5 },
      },
    },
    ["restart [runner] port", "restart [runner] max_body", "restart [runner.state]", "restart [runner.inbox]"],
  ],
])("%s", async (_, input, steps) => {
  expect(await planned(input)).toEqual(steps);
});

test("cron is read in the time zone, and every is not", async () => {
  const entries = [docs, { ...docs, name: "cron", schedule: "0 3 * * *" }];
  const there = { ...pulls(...entries), runner: { ...base.runner, timezone: "Europe/Berlin" } } as ConfigInput;
  expect(await planned(there, pulls(...entries))).toEqual(["change pull:notes/cron"]);
});

test("an entry whose rules of redaction change waits for a restart, and no other entry does", async () => {
  const redacted = pulls({ ...docs, redact: ["email"] }, { ...docs, name: "new" });
  expect(await planned(redacted)).toEqual(["restart pull:notes/docs", "add pull:notes/new"]);
  const everywhere = { ...pulls(docs, { ...docs, name: "new" }), privacy: { redact: ["email"] } } as ConfigInput;
  expect(await planned(everywhere)).toEqual(["restart [privacy]", "restart pull:notes/new"]);
});

test("where notices are sent waits for a restart", async () => {
  const notify = (url: string) => ({ ...base, notify: [{ name: "ops", url }] }) as ConfigInput;
  expect(await planned(notify("https://a.example/1"))).toEqual(["restart [[notify]]"]);
  expect(await planned(notify("https://a.example/2"), notify("https://a.example/1"))).toEqual(["restart [[notify]]"]);
  expect(await planned(notify("https://a.example/1"), notify("https://a.example/1"))).toEqual([]);
});

test("entries whose code is named otherwise wait for a restart", async () => {
  const before = await parse(base);
  const after = { ...(await parse(pulls({ ...docs, texts: ["b"] }))), connectorPackages: { notes: "./notes.mjs" } };
  const steps = planReload(before, after);
  expect(steps).toEqual([
    { type: "restart", subject: "[connectors] notes" },
    { type: "restart", subject: "pull:notes/docs", because: "[connectors] notes has changed" },
  ]);
});
