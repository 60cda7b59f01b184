import { Client } from "pg";
import { noViolations } from "@statewave-connectors/chaos/witness";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, shortLease } from "./numbers-world.ts";
import { sharedStores, startStore } from "./shared-store.ts";

const postgres = sharedStores.find(({ kind }) => kind === "postgres")!;

/** What waits for a lock, in the middle of a transaction. A statement may wait while it is parsed, when Postgres does not show it yet. */
const isRowAwaited = `SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`;
const isInboxAwaited = `SELECT FROM pg_locks WHERE NOT granted AND relation = 'statewave_inbox.job'::regclass`;

it("loses nothing when Postgres is restarted in the middle of a checkpoint and of an accept", async (test) => {
  const server = await startStore(test, postgres);
  const world = await makeNumbersWorld(test, { store: postgres, url: server.url, sources: 1, inbox: "shared" });
  const fleet = new Fleet(test, { workspace: world.workspace, size: 1, ...shortLease });
  await fleet.start();
  const member = fleet.members[0]!;
  const url = await member.process.listening();
  await world.slack.sendMany(url, 8);
  await until("the source has ticked", async () => (await world.cursors()).size === 1);

  const rival = new Client({ connectionString: server.url });
  rival.on("error", () => undefined);
  await rival.connect();
  const isFound = async (query: string) => (await rival.query(query)).rowCount !== 0;
  // A page that is being read has its lease already: what comes next is its checkpoint, unless it was quicker than the lock.
  const reads = () => world.lines.filter(({ step }) => step === "read").length;
  for (let isHeld = false; !isHeld;) {
    const before = reads();
    await until("the next page is read", () => reads() > before);
    await rival.query("BEGIN");
    await rival.query("SELECT 1 FROM statewave_runner_cursors FOR UPDATE");
    isHeld = await until("a checkpoint waits", () => isFound(isRowAwaited), 3_000).catch(() => false);
    if (!isHeld) await rival.query("ROLLBACK");
  }
  await rival.query("LOCK TABLE statewave_inbox.job IN ACCESS EXCLUSIVE MODE");
  const [marker] = world.slack.declare(1) as [string];
  const sending = world.slack.send(url, marker);
  await until("the accept waits", () => isFound(isInboxAwaited));
  const fromMs = Date.now();
  await server.crash();
  fleet.disturbances.outages.push({ fromMs, toMs: Date.now() });
  expect(await sending).toBe(503);

  await until("the webhook is taken", async () => {
    await world.slack.resend(url);
    return world.slack.acknowledged.has(marker);
  });
  const cursors = await world.cursors();
  await until("the source goes on", async () => [...(await world.cursors())].some(([name, now]) => now !== cursors.get(name)));
  await until("every webhook has arrived", () => world.account(new Map()).missing.length === 0);
  const endMs = Date.now();
  expect(fleet.endedByItself).toEqual([]);
  await fleet.stop();
  expect(world.account(await world.cursors())).toEqual(balanced);
  expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
});
