/**
 * How many episodes a second the delivery takes: node --conditions=@statewave-connectors/source packages/runner/bench/delivery.ts [seconds]
 *
 * First the engine alone, with a sink that accepts at once; then over HTTP to the fake Statewave as a process of its own, which answers in
 * 0 and in 20 ms. Callers hand in pages of 100, and single episodes as the inbox does.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { silentLogger, type Sink, systemClock } from "@statewave-connectors/connector-sdk/host";
import { createDelivery } from "../src/delivery/delivery.ts";
import { openSink } from "../src/sinks/open-sink.ts";
import { wireJson } from "../src/sinks/wire/prepared-episode.ts";

const seconds = Number(process.argv[2] ?? 3);
const text = "alice commented on acme/widgets#42: the gasket leaks when the pressure is over two bar. ".repeat(8);
let nextId = 0;

function makeEpisode(): Episode {
  const id = (nextId += 1);
  return {
    subject: "repo:acme/widgets",
    kind: "github.issue.comment",
    text: `${text}${id}`,
    occurred_at: "2026-01-02T03:04:05+01:00",
    source: { type: "github.issue.comment", id: `acme/widgets#42/${id}`, url: `https://github.com/acme/widgets/issues/42#${id}` },
    idempotency_key: idempotencyKey("github", "acme", "widgets", "comment", id),
    title: "The gasket leaks",
    session: "github-42",
    metadata: { author: "alice", labels: ["bug", "gasket"], number: 42, repo: "acme/widgets" },
  };
}

const instantSink: Sink = {
  description: "accepts at once",
  maxBatchItems: 100,
  maxBatchBytes: 1_000_000,
  async send(batch) {
    // As the real one does: the body is put together.
    return batch.map(wireJson).join(",").length > 0 ? { type: "accepted" } : { type: "failed", reason: "empty", suspect: false };
  },
};

/** Callers in a closed loop: each hands in the next page when the last one is safe. */
async function run(name: string, sink: Sink, callers: number, pageSize: number): Promise<void> {
  const delivery = createDelivery({
    sink,
    bury: async () => undefined,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    maxInFlight: 2,
    lingerMs: 5,
  });
  const { signal } = new AbortController();
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const cpuBefore = process.cpuUsage();
  let delivered = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      const source = { kind: "github", name: `repo-${index % 10}` };
      while (performance.now() < endMs) {
        const episodes = Array.from({ length: pageSize }, makeEpisode);
        const report = await delivery.deliver({ source, connectorVersion: "1.0.0", episodes, signal });
        delivered += report.delivered;
      }
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  await delivery.close(AbortSignal.abort());
  const perSecond = Math.round((delivered / elapsedMs) * 1000);
  const cpuUs = ((user + system) / delivered).toFixed(1);
  console.log(
    `${name.padEnd(34)} ${String(perSecond).padStart(8)} episodes/s  ${cpuUs.padStart(6)} us CPU each (making them included)`,
  );
}

async function withFake(latencyMs: number, work: (sink: Sink) => Promise<void>): Promise<void> {
  const program = fileURLToPath(new URL("../../testing/src/fake-statewave/main.ts", import.meta.url));
  const fake = spawn(process.execPath, [program, "--keep", "none", "--latency-ms", String(latencyMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [url] = (await once(createInterface(fake.stdout), "line")) as [string];
    const sink = await openSink({ statewave: { url, tenantHeader: "X-Tenant-ID" }, clock: systemClock, logger: silentLogger });
    await work(sink);
    await sink.close?.();
  } finally {
    fake.kill();
    await once(fake, "exit");
  }
}

console.log(`${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}, ${seconds} s each`);
await run("engine alone, pages of 100", instantSink, 10, 100);
await run("engine alone, single episodes", instantSink, 400, 1);
for (const latencyMs of [0, 20]) {
  await withFake(latencyMs, async (sink) => {
    await run(`fake at ${latencyMs} ms, pages of 100`, sink, 10, 100);
    await run(`fake at ${latencyMs} ms, 50 single callers`, sink, 50, 1);
    await run(`fake at ${latencyMs} ms, 400 single callers`, sink, 400, 1);
  });
}
