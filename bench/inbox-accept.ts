/**
 * How fast an inbox takes and gives, without HTTP and without a sink:
 *
 *   node --conditions=@statewave-connectors/source bench/inbox-accept.ts [seconds] [producers] [kind...]
 *
 * The kinds run one after the other, by default `file` alone; `postgres` and `redis` need
 * TEST_POSTGRES_URL and TEST_REDIS_URL (node scripts/test-services.mjs).
 *
 * Closed-loop producers of 1 KiB events with an id each, 5 % of them duplicates, as in "accepts"; then a consumer with instant handlers
 * drains what was accepted; then both at once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { join } from "node:path";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits, type Inbox, type InboxConsumer, type OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import { openInbox as openFileInbox } from "@statewave-connectors/inbox-file";
import { openInbox as openPostgresInbox } from "@statewave-connectors/inbox-postgres";
import { openInbox as openRedisInbox } from "@statewave-connectors/inbox-redis";

const seconds = Number(process.argv[2] ?? 5);
const producers = Number(process.argv[3] ?? 64);
const kinds = process.argv.length > 4 ? process.argv.slice(4) : ["file"];
const bodyBytes = 1024;
const duplicateShare = 0.05;
const sources = 4;

let nextId = 0;

async function produce(inbox: Inbox, untilMs: number, latencies: number[]): Promise<void> {
  const body = Buffer.alloc(bodyBytes, "x");
  while (performance.now() < untilMs) {
    const id = Math.random() < duplicateShare ? nextId : (nextId += 1);
    const startedMs = performance.now();
    await inbox.accept({
      type: "event",
      source: { kind: "slack", name: `team-${id % sources}` },
      id: `Ev${id}-8f14e45fceea167a`,
      headers: { "x-slack-request-timestamp": "1760000000" },
      body,
      receivedAtMs: Date.now(),
    });
    latencies.push(performance.now() - startedMs);
  }
}

function percentile(sorted: readonly number[], share: number): string {
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
}

async function measureAccepts(inbox: Inbox, label: string): Promise<void> {
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = performance.eventLoopUtilization();
  delay.enable();
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  await Promise.all(Array.from({ length: producers }, () => produce(inbox, untilMs, latencies)));
  const elapsedMs = performance.now() - startedMs;
  delay.disable();
  const busy = performance.eventLoopUtilization(before).utilization;
  latencies.sort((a, b) => a - b);
  console.log(
    `${label}: ${Math.round((latencies.length / elapsedMs) * 1000)} accepts/s, ` +
      `p50 ${percentile(latencies, 0.5)}, p99 ${percentile(latencies, 0.99)}, ` +
      `event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, loop busy ${Math.round(busy * 100)} %`,
  );
}

interface Draining {
  readonly consumer: InboxConsumer;
  readonly settled: () => number;
}

function drain(inbox: Inbox): Draining {
  let settled = 0;
  const consumer = inbox.consume(async () => {
    settled += 1;
    return { type: "done" };
  });
  return { consumer, settled: () => settled };
}

async function measureDrain(inbox: Inbox): Promise<void> {
  const { depth } = await inbox.stats();
  const startedMs = performance.now();
  const { consumer, settled } = drain(inbox);
  while (settled() < depth) await new Promise((resolve) => setTimeout(resolve, 5));
  const elapsedMs = performance.now() - startedMs;
  await consumer.stop(new AbortController().signal);
  console.log(`  drain of ${depth}: ${Math.round((settled() / elapsedMs) * 1000)} items/s claimed, handled and settled`);
}

async function measureBoth(inbox: Inbox): Promise<void> {
  const { consumer, settled } = drain(inbox);
  const startedMs = performance.now();
  await measureAccepts(inbox, "  accepts while draining");
  const perSecond = Math.round((settled() / (performance.now() - startedMs)) * 1000);
  console.log(`    settled meanwhile: ${perSecond} items/s; left waiting: ${(await inbox.stats()).depth}`);
  await consumer.stop(new AbortController().signal);
}

const openers: Readonly<Record<string, OpenInbox>> = {
  file: openFileInbox,
  postgres: openPostgresInbox,
  redis: openRedisInbox,
};
/** A place of its own each time: what an earlier run left would count as duplicates. */
const optionsOf: Readonly<Record<string, object>> = {
  postgres: { url: process.env["TEST_POSTGRES_URL"], schema: `bench_${process.pid}` },
  redis: { url: process.env["TEST_REDIS_URL"], key_prefix: `bench:${process.pid}:` },
};

const folder = await mkdtemp(join(tmpdir(), "inbox-bench-"));
console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}; ${producers} producers, ${bodyBytes} bytes`,
);
try {
  for (const kind of kinds) {
    const open = openers[kind];
    if (open === undefined) throw new Error(`no inbox of the kind ${kind}; there are ${Object.keys(openers).join(", ")}`);
    const context = { clock: systemClock, logger: silentLogger, baseDir: folder, stateDir: folder };
    const inbox = await open({ ...optionsOf[kind] }, defaultInboxLimits, context);
    console.log(`${kind} (${inbox.durability})`);
    await measureAccepts(inbox, "  warm-up");
    await measureAccepts(inbox, "  accepts");
    await measureDrain(inbox);
    await measureBoth(inbox);
    await inbox.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
