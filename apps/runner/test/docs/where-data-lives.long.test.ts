import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { expect, it, type TestContext } from "vitest";
import { sharedStores, startStore } from "../e2e/several-processes/shared-store.ts";
import { until } from "../e2e/until.ts";
import { configName, configText } from "../e2e/workspace.ts";
import { makeWorld, type World } from "../e2e/world.ts";
import { repository } from "./markdown-files.ts";

const page = readFileSync(join(repository, "docs/reference/where-data-lives.md"), "utf8");
const names = page.slice(page.indexOf("## The names"), page.indexOf("## Elsewhere"));

/** The names in backquotes that the page has for a kind of state. */
function namesOf(kind: string): readonly string[] {
  const row = names.split("\n").find((line) => line.startsWith(`| \`${kind}\``)) ?? "";
  return [...row.matchAll(/`(?<name>[^`]+)`/g)].map((found) => found.groups?.["name"] ?? "").slice(1);
}

/** A runner that has stored something of every sort: a cursor, records, an event that waits, a dead letter. */
async function fill(world: World, state: string): Promise<void> {
  const { workspace, statewave, slack } = world;
  await workspace.write(configName, configText({ statewaveUrl: statewave.url }).replace('kind = "file"', state));
  statewave.setFaults([{ type: "refuse", marker: "mark:doc-000000", as: "422" }]);
  await world.writeDocuments(2);
  const runner = await workspace.run();
  await until("one is buried", async () => (await workspace.jsonLines("dead-letters", "list", "--json")).length === 1);
  statewave.setFaults([{ type: "status", status: 503 }]);
  await slack.sendMany(await runner.listening(), 2);
}

async function serverOf(test: TestContext, kind: "postgres" | "redis"): Promise<string> {
  const store = sharedStores.find((each) => each.kind === kind);
  if (store === undefined) throw new Error(`no store is of kind ${kind}`);
  return (await startStore(test, store)).url;
}

it("names every file of the file state", async (test) => {
  const world = await makeWorld(test);
  await fill(world, 'kind = "file"');
  const files = world.workspace.list("state");
  expect(files).toContain("inbox.sqlite");
  expect(files.filter((file) => !namesOf("file").includes(file))).toEqual([]);
});

it("names the tables and the schema of Postgres", async (test) => {
  const url = await serverOf(test, "postgres");
  await fill(await makeWorld(test), `kind = "postgres"\nurl = "${url}"`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  test.onTestFinished(() => client.end());
  const own = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
  const { rows } = await client.query<{ readonly schemaname: string; readonly tablename: string }>(own);
  const shown = namesOf("postgres");
  const unnamed = rows.filter(({ schemaname, tablename }) => !shown.includes(schemaname) && !shown.includes(tablename));
  expect(unnamed).toEqual([]);
  const inbox = rows.filter(({ schemaname }) => schemaname === "statewave_inbox").map(({ tablename }) => tablename);
  expect(inbox).toEqual(expect.arrayContaining(["job", "dead_letters"]));
});

it("names the keys of Redis", async (test) => {
  const url = await serverOf(test, "redis");
  await fill(await makeWorld(test), `kind = "redis"\nurl = "${url}"`);
  const client = new Redis(url);
  test.onTestFinished(() => client.disconnect());
  const [prefix = "", ...shown] = namesOf("redis");
  const keys = (await client.keys("*")).map((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : `? ${key}`));
  expect(keys).toEqual(expect.arrayContaining(["cursors", "letters"]));
  const starts = shown.filter((name) => name.includes("<source>")).map((name) => name.split("<")[0] ?? name);
  const isNamed = (key: string) => shown.includes(key) || starts.some((start) => key.startsWith(start));
  expect(keys.filter((key) => !isNamed(key))).toEqual([]);
});
