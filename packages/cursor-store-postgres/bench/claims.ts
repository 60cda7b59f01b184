// What claims cost, in milliseconds: node --conditions=@statewave-connectors/source packages/cursor-store-postgres/bench/claims.ts
// Needs TEST_POSTGRES_URL; uses a schema of its own.
import { Pool } from "pg";
import { openPostgresPullCursorStore } from "../src/index.ts";

const url = process.env["TEST_POSTGRES_URL"];
if (url === undefined) throw new Error("set TEST_POSTGRES_URL, e.g. by: node scripts/test-services.mjs postgres");
const pool = new Pool({ connectionString: url, max: 1 });
const schema = `bench_${process.pid}`;
const store = await openPostgresPullCursorStore({ url, schema });

async function measure(label: string, rounds: number, run: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    await run(round);
    times.push(performance.now() - startedMs);
  }
  const sorted = times.toSorted((left, right) => left - right);
  console.log(`${label.padEnd(40)} median ${sorted[rounds >> 1]!.toFixed(2)}  worst ${sorted.at(-1)!.toFixed(2)}`);
}

for (const count of [1, 100, 1_000, 10_000]) {
  const sources = Array.from({ length: count }, (_, index) => ({ kind: "github", name: `${count}-${index}` }));
  const ask = (dueMs: number, ttlMs: number) => store.acquire(sources.map((source) => ({ source, dueMs, owner: "me", ttlMs })));
  await measure(`claim ${count}, granted`, 15, (round) => ask(round + 1, 0));
  const answers = await ask(1_000, 60_000);
  const leases = answers.flatMap((answer) => (answer.granted ? [answer.lease] : []));
  await measure(`claim ${count}, refused`, 15, () => ask(1_000, 60_000));
  await measure(`renew ${count}`, 15, () => store.renew(leases, 60_000));
  if (count === 1) await measure("checkpoint", 200, (round) => store.checkpoint(leases[0]!, `page-${round}`));
}
await store.close();
await pool.query(`DROP SCHEMA ${schema} CASCADE`);
await pool.end();
