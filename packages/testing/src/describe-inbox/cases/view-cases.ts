import { expect } from "vitest";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { QueuedItem } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxCase } from "../inbox-case.ts";
import { github, sampleEvent, slack } from "../samples.ts";
import { itemAt, required } from "../../required.ts";

const idsOf = (items: readonly QueuedItem[]) => items.map(({ id }) => id);

/** Looking at what waits and is remembered. An inbox without a view promises nothing of it. */
export const viewCases: readonly InboxCase[] = [
  {
    title: "lists what waits, the oldest first, by source and in pages, and shows one with its item",
    async run(harness) {
      const inbox = await harness.open();
      const { view } = inbox;
      if (view === undefined) return;
      for (let number = 0; number < 7; number += 1) {
        const source = number % 2 === 0 ? slack : github;
        await inbox.accept(sampleEvent({ source, id: `id-${number}`, body: Uint8Array.from([0, 255, number]) }));
      }
      const all = await view.list();
      expect(new Set(idsOf(all))).toEqual(new Set(Array.from({ length: 7 }, (_, number) => `id-${number}`)));
      expect(
        all.every(({ item, type, attempt, isClaimed }) => item === undefined && type === "event" && attempt === 0 && !isClaimed),
      ).toBe(true);
      expect(new Set(idsOf(await view.list({ source: github })))).toEqual(new Set(["id-1", "id-3", "id-5"]));
      const paged: QueuedItem[] = [];
      for (
        let page = await view.list({ limit: 2 });
        page.length > 0;
        page = await view.list({ limit: 2, after: itemAt(page, -1).key })
      )
        paged.push(...page);
      expect(idsOf(paged)).toEqual(idsOf(all));
      const times = all.map(({ acceptedAtMs }) => acceptedAtMs);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
      const third = required(
        all.find(({ id }) => id === "id-3"),
        "id-3",
      );
      const shown = await view.get(third.key);
      expect(shown).toMatchObject({ id: "id-3", source: github, item: { type: "event", headers: { "x-event": "message" } } });
      expect(shown?.item?.type === "event" && Buffer.from(shown.item.body).equals(Uint8Array.from([0, 255, 3]))).toBe(true);
      for (const key of ["", "0", "nope", "1.x", "-1", "999999999999"]) expect(await view.get(key)).toBeUndefined();
      expect(await view.list({ after: "nope" })).toEqual([]);
    },
  },
  {
    title: "shows an item as claimed while it is worked on, counts its retries, and no longer lists it when it is settled",
    async run(harness) {
      const inbox = await harness.open();
      const { view } = inbox;
      if (view === undefined) return;
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      const claimed = await consumer.one();
      expect(await view.list()).toMatchObject([{ id: "a", isClaimed: true, attempt: 0 }]);
      await claimed.settle({ type: "retry", afterMs: 3_600_000 });
      expect(await view.list()).toMatchObject([{ id: "a", isClaimed: false, attempt: 1 }]);
      await consumer.stopHard();
      await inbox.accept(sampleEvent({ id: "b" }));
      const again = harness.consume(inbox);
      await (await again.one()).settle({ type: "done" });
      expect(idsOf(await view.list())).toEqual(["a"]);
      await again.stopHard();
    },
  },
  {
    title: "counts what waits of each source, claimed items included and dead letters left out",
    async run(harness) {
      const inbox = await harness.open();
      const { view } = inbox;
      if (view?.countBySource === undefined) return;
      const counts = async () =>
        Object.fromEntries(((await view.countBySource?.()) ?? []).map(({ source, count }) => [formatSourceKey(source), count]));
      const [ofSlack, ofGithub] = [formatSourceKey(slack), formatSourceKey(github)];
      for (const id of ["a", "b", "c"]) await inbox.accept(sampleEvent({ id }));
      await inbox.accept(sampleEvent({ id: "a", source: github }));
      expect(await counts()).toEqual({ [ofSlack]: 3, [ofGithub]: 1 });
      const consumer = harness.consume(inbox);
      const claims = await consumer.holding(4);
      expect(await counts()).toEqual({ [ofSlack]: 3, [ofGithub]: 1 });
      const claimOf = (source: SourceKey, id: string) =>
        required(
          claims.find(({ item }) => item.type === "event" && item.id === id && item.source.kind === source.kind),
          `the claim of ${formatSourceKey(source)} ${id}`,
        );
      await claimOf(slack, "a").settle({ type: "retry", afterMs: 3_600_000 });
      await claimOf(slack, "b").settle({ type: "dead", reason: "no" });
      await claimOf(slack, "c").settle({ type: "done" });
      const left = await counts();
      expect([left[ofSlack], left[ofGithub]]).toEqual([1, 1]);
      await consumer.stopHard();
      expect((await counts())[ofSlack]).toBe(1);
    },
  },
  {
    title: "knows which ids it remembers, of each source by itself, also when the event is settled",
    async run(harness) {
      const inbox = await harness.open();
      const { view } = inbox;
      if (view === undefined) return;
      const id = 'ünï "\ud800" 1';
      await inbox.accept(sampleEvent({ id }));
      const consumer = harness.consume(inbox);
      expect(await view.remembers(slack, id)).toBe(true);
      await (await consumer.one()).settle({ type: "done" });
      expect(await view.remembers(slack, id)).toBe(true);
      expect(await view.remembers(github, id)).toBe(false);
      expect(await view.remembers(slack, "another")).toBe(false);
      await consumer.stopHard();
    },
  },
];
