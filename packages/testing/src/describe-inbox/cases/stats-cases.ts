import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { github, sampleEpisode, sampleEvent, slack } from "../samples.ts";
import { required } from "../../required.ts";

/** What the gauges are fed with. */
export const statsCases: readonly InboxCase[] = [
  {
    title: "counts nothing in an empty inbox",
    async run(harness) {
      expect(await (await harness.open()).stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
    },
  },
  {
    title: "counts depth and bytes exactly through accept, claim, retry, burial and settlement",
    async run(harness) {
      const inbox = await harness.open();
      for (const size of [10, 200, 3_000]) await inbox.accept(sampleEvent({ body: Buffer.alloc(size) }));
      expect(await inbox.stats()).toMatchObject({ depth: 3, bytes: 3_210 });
      const consumer = harness.consume(inbox);
      const claims = await consumer.holding(3);
      expect(await inbox.stats()).toMatchObject({ depth: 3, bytes: 3_210 });
      const bySize = (size: number) =>
        required(
          claims.find(({ item }) => item.type === "event" && item.body.byteLength === size),
          `the claim of ${size} bytes`,
        );
      await bySize(10).settle({ type: "retry", afterMs: 100 * harness.unitMs });
      expect(await inbox.stats()).toMatchObject({ depth: 3, bytes: 3_210 });
      await bySize(200).settle({ type: "dead", reason: "no" });
      expect(await inbox.stats()).toMatchObject({
        depth: 2,
        bytes: 3_010,
        deadLetters: [{ source: slack, type: "event", count: 1 }],
      });
      await bySize(3_000).settle({ type: "done" });
      expect(await inbox.stats()).toMatchObject({ depth: 1, bytes: 10 });
      await inbox.retryDeadLetters((await inbox.listDeadLetters()).map(({ key }) => key));
      expect(await inbox.stats()).toMatchObject({ depth: 2, bytes: 210, deadLetters: [] });
    },
  },
  {
    title: "counts dead letters by source and type",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      await (await harness.consume(inbox).one()).settle({ type: "dead", reason: "no" });
      for (const key of ["1", "2"]) await inbox.buryEpisode(slack, sampleEpisode(key), "refused");
      await inbox.buryEpisode(github, sampleEpisode("1"), "refused");
      const { deadLetters } = await inbox.stats();
      expect(deadLetters).toHaveLength(3);
      expect(deadLetters).toEqual(
        expect.arrayContaining([
          { source: slack, type: "event", count: 1 },
          { source: slack, type: "episode", count: 2 },
          { source: github, type: "episode", count: 1 },
        ]),
      );
    },
  },
  {
    title: "is probed for writing, if it can be, without a trace",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ body: Buffer.alloc(10) }));
      const before = await inbox.stats();
      for (let probe = 0; probe < 3; probe += 1) await inbox.probeWrite?.();
      expect(await inbox.stats()).toEqual(before);
      expect(await inbox.listDeadLetters()).toEqual([]);
      await (await harness.consume(inbox).one()).settle({ type: "done" });
      expect((await inbox.stats()).depth).toBe(0);
      await inbox.close();
      if (inbox.probeWrite !== undefined) await expect(inbox.probeWrite()).rejects.toMatchObject({ code: "INBOX_CLOSED" });
    },
  },
  {
    title: "reports when the oldest waiting item was accepted, and nothing once there is none",
    holdsFor: ({ clock }) => clock === "injected",
    async run(harness) {
      const inbox = await harness.open();
      const firstMs = harness.clock.now();
      await inbox.accept(sampleEvent());
      await harness.pass(10_000);
      const secondMs = harness.clock.now();
      await inbox.accept(sampleEvent());
      expect((await inbox.stats()).oldestAcceptedAtMs).toBe(firstMs);
      const consumer = harness.consume(inbox, { maxItemsPerSource: 1 });
      for (const expected of [firstMs, secondMs]) {
        expect((await inbox.stats()).oldestAcceptedAtMs).toBe(expected);
        await (await consumer.one()).settle({ type: "done" });
      }
      expect((await inbox.stats()).oldestAcceptedAtMs).toBeUndefined();
    },
  },
];
