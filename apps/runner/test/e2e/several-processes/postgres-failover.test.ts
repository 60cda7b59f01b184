import { noViolations } from "@statewave-connectors/chaos/witness";
import { Client } from "pg";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, shortLease } from "./numbers-world.ts";
import { sharedStores, startService, startStore } from "./shared-store.ts";

const postgres = sharedStores.find(({ kind }) => kind === "postgres")!;
const sources = 4;

it("loses and doubles nothing when a synchronous replica of Postgres is promoted while two processes deliver", async (test) => {
  const server = await startStore(test, { ...postgres, start: () => startService("postgres.mjs", "startPostgresPair") });
  const world = await makeNumbersWorld(test, { store: postgres, url: server.url, sources, inbox: "shared" });
  const fleet = new Fleet(test, { workspace: world.workspace, size: 2, ...shortLease });
  await fleet.start();
  const urls = await Promise.all(fleet.members.map((member) => member.process.listening()));
  const failedOver = new AbortController();
  const sending = urls.map(async (url) => {
    while (!failedOver.signal.aborted) await world.slack.sendMany(url, 2, 2);
  });
  await until("every source has moved its cursor", async () => (await world.cursors()).size === sources);

  const fromMs = Date.now();
  await server.crash();
  fleet.disturbances.outages.push({ fromMs, toMs: Date.now() });
  const acknowledgedBefore = world.slack.acknowledged.size;
  await until("a webhook is taken by the new primary", () => world.slack.acknowledged.size > acknowledgedBefore);
  failedOver.abort();
  await Promise.all(sending);
  expect(await timelineOf(server.url)).toBe(2);

  await until("every webhook is taken", async () => {
    for (const url of urls) await world.slack.resend(url);
    return world.slack.acknowledged.size === world.slack.declared.length;
  });
  const cursors = await world.cursors();
  await until("every source runs again", async () =>
    [...(await world.cursors())].every(([name, cursor]) => cursor !== cursors.get(name)),
  );
  await until("every webhook has arrived", () => world.account(new Map()).missing.length === 0);
  const endMs = Date.now();
  expect(fleet.endedByItself).toEqual([]);
  await fleet.stop();
  const finalCursors = await world.cursors();
  expect(world.account(finalCursors)).toEqual(balanced);
  expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
});

/** A promotion begins the second one. */
async function timelineOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ segment: string }>("SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment");
  await client.end();
  return Number.parseInt(rows[0]?.segment.slice(0, 8) ?? "", 16);
}
