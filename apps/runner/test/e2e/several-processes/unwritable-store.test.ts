import { Redis } from "ioredis";
import { Client } from "pg";
import { expect, it } from "vitest";
import { sumOf } from "../metric-sum.ts";
import { SlackSender } from "../slack-sender.ts";
import { until } from "../until.ts";
import { configName, configText, makeWorkspace } from "../workspace.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

interface Obstacle {
  readonly what: string;
  readonly set: (url: string) => Promise<void>;
  readonly lift: (url: string) => Promise<void>;
}

async function configureRedis(url: string, ...settings: readonly (readonly [string, string])[]): Promise<void> {
  const client = new Redis(url);
  for (const [name, value] of settings) await client.config("SET", name, value);
  await client.quit();
}

/** New transactions of every connection, also of those that are open, follow it. */
async function setReadOnly(url: string, value: "on" | "off"): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("SET default_transaction_read_only = off");
  await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await client.query("SELECT pg_reload_conf()");
  await client.end();
}

const obstacles: Readonly<Record<SharedStore["kind"], Obstacle>> = {
  postgres: {
    what: "a database that is read-only",
    set: (url) => setReadOnly(url, "on"),
    lift: (url) => setReadOnly(url, "off"),
  },
  redis: {
    what: "a Redis out of memory",
    set: (url) => configureRedis(url, ["maxmemory-policy", "noeviction"], ["maxmemory", "1"]),
    lift: (url) => configureRedis(url, ["maxmemory", "0"]),
  },
};

it.for(sharedStores)(
  "$kind that answers reads and refuses writes makes the runner unready until it takes writes again",
  async (store, test) => {
    const server = await startStore(test, store);
    const workspace = makeWorkspace(test);
    // The twin of nothing, once a year: no due comes, so that only webhooks and probes write.
    const config = configText({ statewaveUrl: "file:./episodes.jsonl", state: store.kind }).replace("every 1s", "0 0 1 1 *");
    await workspace.write(configName, config.replace("[[push.slack]]", `url = "${server.url}"\n[[push.slack]]`));
    const runner = await workspace.run();
    const url = await runner.listening();
    const slack = new SlackSender();
    await slack.sendMany(url, 3);
    expect(slack.acknowledged.size).toBe(3);

    const obstacle = obstacles[store.kind];
    await obstacle.set(server.url);
    await until("a webhook is refused", async () => {
      await slack.sendMany(url, 1);
      return slack.lastRefusal;
    });
    expect(slack.lastRefusal?.status).toBe(503);
    const status = async () => (await fetch(`${url}/readyz`)).status;
    await until(`/readyz reports ${obstacle.what}`, async () => (await status()) === 503);
    const metrics = await runner.metrics();
    expect(sumOf(metrics, "statewave_runner_ready")).toBe(0);
    expect(sumOf(metrics, "statewave_runner_store_writable", 'store="inbox"')).toBe(0);
    expect(await runner.logged("a store cannot be written to")).toMatchObject({ level: "error", store: "inbox" });

    await obstacle.lift(server.url);
    await until("/readyz answers 200 again without a webhook", async () => (await status()) === 200);
    await slack.resend(url);
    expect(slack.acknowledged.size).toBe(slack.declared.length);
    expect((await runner.terminate()).code).toBe(0);
  },
);
