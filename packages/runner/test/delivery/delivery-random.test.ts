import { type Episode, isConnectorsError, sleep } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisode } from "./make-episode.ts";

const minuteMs = 60_000;

/** A sink with bad hours: it refuses and chokes on marked items always, and does anything else at random until `calmAtMs`. */
function chaos(bench: DeliveryBench, random: () => number, calmAtMs: number) {
  const named = (batch: readonly OutboundEpisode[]) =>
    batch.flatMap(({ episode }, index) => (episode.text.includes("REFUSED") ? [index] : []));
  return async (batch: readonly OutboundEpisode[], _index: number, signal: AbortSignal): Promise<SendResult> => {
    await sleep(bench.clock, Math.floor(random() * 200), signal);
    const calm = bench.clock.now() >= calmAtMs;
    const dice = calm ? 1 : random();
    if (dice < 0.03) return { type: "limited", retryAfterMs: 1000 + Math.floor(random() * 60_000) };
    if (dice < 0.05) return { type: "stopped", reason: "403" };
    if (dice < 0.12) return { type: "failed", reason: "503", suspect: false, retryAfterMs: 5000 };
    if (dice < 0.2) return { type: "failed", reason: "network", suspect: false };
    if (dice < 0.24) return { type: "failed", reason: "500", suspect: true };
    if (batch.some(({ episode }) => episode.text.includes("POISON"))) return { type: "failed", reason: "500", suspect: true };
    const indexes = named(batch);
    if (indexes.length > 0) return { type: "refused", reason: "422", ...(random() < 0.5 ? { indexes } : {}) };
    if (dice < 0.28) {
      // Stored, but the reply is lost.
      bench.sink.stored.push(...batch.map(({ episode }) => episode.idempotency_key));
      return { type: "failed", reason: "network", suspect: false };
    }
    return accepted;
  };
}

/** A caller that keeps its page until it is safe, as a pull does. */
async function deliverForEver(bench: DeliveryBench, name: string, pages: readonly (readonly Episode[])[], random: () => number) {
  for (const page of pages) {
    for (;;) {
      const controller = new AbortController();
      const cancel =
        random() < 0.1 ? bench.clock.after(random() * 2 * minuteMs, () => controller.abort(new Error("lease lost"))) : undefined;
      try {
        const report = await bench.deliver(page, name, controller.signal).result;
        expect(report.delivered + report.buried).toBe(page.length);
        break;
      } catch (error) {
        const expected = controller.signal.aborted || isConnectorsError(error, "SINK_STOPPED");
        if (!expected) throw error;
        await sleep(bench.clock, 1000);
      } finally {
        cancel?.();
      }
    }
  }
}

describe("under faults of every kind at random", () => {
  const seeds =
    process.env["TEST_SEED"] === undefined
      ? Array.from({ length: 12 }, () => Math.floor(Math.random() * 2 ** 32))
      : [Number(process.env["TEST_SEED"])];

  it.each(seeds)(
    "every episode is stored, or buried if it can never be (TEST_SEED=%i)",
    async (seed) => {
      const random = seededRandom(seed);
      const bench = new DeliveryBench({ seed, maxInFlight: 1 + Math.floor(random() * 4) });
      const kinds = new Map<string, "fine" | "refused" | "poison" | "invalid">();
      const makePage = (source: number, page: number): Episode[] =>
        Array.from({ length: 1 + Math.floor(random() * 150) }, (_, index) => {
          const dice = random();
          const kind = dice < 0.003 ? "poison" : dice < 0.02 ? "refused" : dice < 0.03 ? "invalid" : "fine";
          const id = `${source}-${page}-${index}${kind === "fine" ? "" : `-${kind.toUpperCase()}`}`;
          kinds.set(`key-${id}`, kind);
          return makeEpisode(id, kind === "invalid" ? { kind: "" } : {});
        });
      const sources = Array.from({ length: 8 }, (_, source) =>
        Array.from({ length: 5 }, (_item, page) => makePage(source, page)),
      );
      bench.sink.answer = chaos(bench, random, bench.clock.now() + 20 * minuteMs);

      const waiting = new Set(sources);
      const callers = sources.map(async (pages, index) => {
        await deliverForEver(bench, `source-${index}`, pages, random);
        waiting.delete(pages);
      });
      const failed = Promise.all(callers).catch((error: unknown) => error);
      // A steady source, so that a poisoned item can be distinguished from an outage to the end.
      const steady = (async () => {
        for (let count = 0; waiting.size > 0; count += 1) {
          await deliverForEver(bench, "steady", [[makeEpisode(`steady${count}`)]], () => 1);
          await sleep(bench.clock, 5000);
        }
      })();
      for (let minute = 0; waiting.size > 0 && minute < 240; minute += 1) await bench.clock.advance(minuteMs);
      expect(waiting.size).toBe(0);
      await bench.clock.advance(minuteMs);
      await Promise.all([failed, steady]);

      const stored = new Set(bench.sink.stored);
      const buried = new Set(bench.buried.map(({ key }) => key));
      for (const [key, kind] of kinds) {
        expect([key, stored.has(key), buried.has(key)]).toEqual([key, kind === "fine", kind !== "fine"]);
      }
      await bench.delivery.close(AbortSignal.abort());
      expect(bench.clock.pending).toBe(0);
    },
    30_000,
  );
});
