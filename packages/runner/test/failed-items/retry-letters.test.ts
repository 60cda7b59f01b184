import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError, type Episode, type PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { createDelivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { retryLetters } from "../../src/failed-items/retry-letters.ts";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const source = { kind: "demo", name: "numbers" };
const item = (overrides: Partial<BuriedFailedItem> = {}): BuriedFailedItem => ({
  type: "item",
  source,
  direction: "pull",
  id: "item 7",
  raw: { n: 7 },
  receivedAtMs: 1,
  ...overrides,
});
const rawless = (overrides: Partial<BuriedFailedItem> = {}) => item({ raw: undefined, ...overrides });
const map = (raw: unknown) => [numberedEpisode((raw as { n: number }).n)];

interface WorldOptions {
  readonly mapper?: Pick<PullSource, "map" | "fetchItem"> | undefined;
  readonly subject?: string;
  readonly ingest?: (episodes: readonly Episode[]) => Promise<void>;
}

function world({ mapper = { map }, subject, ingest }: WorldOptions = {}) {
  const clock = new FakeClock();
  const inbox = new InMemoryInbox({ clock });
  const received: Episode[] = [];
  const sink = sinkFromIngest(
    async (episodes) => {
      await ingest?.(episodes);
      received.push(...episodes);
    },
    { clock, logger: silentLogger },
  );
  const delivery = createDelivery({
    sink,
    bury: (where, episode, reason) => inbox.buryEpisode(where, episode, reason),
    clock,
    random: () => 1,
    logger: silentLogger,
    maxInFlight: 2,
    lingerMs: 0,
  });
  const ownerOf = ({ direction }: BuriedFailedItem) =>
    direction === "pull" ? { mapper, subject, connectorVersion: "1.0.0" } : undefined;
  const retryAll = async (seconds = 1) => {
    const keys = (await inbox.listDeadLetters()).map(({ key }) => key);
    const report = retryLetters(inbox, [...keys, "unknown"], async () => ({ delivery, ownerOf, clock, random: () => 0 }));
    for (let turn = 0; turn < seconds * 10; turn += 1) {
      await clock.advance(100);
      for (let rest = 0; rest < 4; rest += 1) await nextTurn();
    }
    return report;
  };
  return { inbox, received, retryAll };
}

describe("a retried item", () => {
  test("is mapped by the connector of today, delivered, and leaves the list", async () => {
    const { inbox, received, retryAll } = world({ subject: "team:a" });
    await inbox.buryFailedItem(item(), "no title");
    expect(await retryAll()).toEqual({ requeued: 0, delivered: 1, kept: [] });
    expect(received).toMatchObject([{ text: "number 7", subject: "team:a" }]);
    expect(await inbox.stats()).toMatchObject({ depth: 0, deadLetters: [] });
  });

  test("leaves the list when nothing of it is left to deliver", async () => {
    const { inbox, received, retryAll } = world({ mapper: { map: () => [] } });
    await inbox.buryFailedItem(item(), "no title");
    expect(await retryAll()).toMatchObject({ delivered: 1 });
    expect([received, await inbox.listDeadLetters()]).toEqual([[], []]);
  });

  test("whose raw form was not kept is fetched by its id", async () => {
    const asked: string[] = [];
    const fetchItem = async (id: string) => {
      asked.push(id);
      return { n: 8 };
    };
    const { inbox, received, retryAll } = world({ mapper: { map, fetchItem } });
    await inbox.buryFailedItem(rawless(), "too large");
    await inbox.buryFailedItem(item({ id: "kept" }), "odd");
    expect(await retryAll()).toMatchObject({ delivered: 2 });
    expect(asked).toEqual(["item 7"]);
    expect(received.map(({ text }) => text)).toEqual(["number 8", "number 7"]);
  });

  test("goes back beside events and episodes, which wait in the queue", async () => {
    const { inbox, retryAll } = world();
    await inbox.buryFailedItem(item(), "no title");
    await inbox.buryEpisode(source, numberedEpisode(1), "refused");
    expect(await retryAll()).toEqual({ requeued: 1, delivered: 1, kept: [] });
    expect(await inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
  });
});

test("an item stays when the sink refuses an episode of it, and the items after it are tried", async () => {
  const { inbox, received, retryAll } = world({
    mapper: { map: () => [{ ...numberedEpisode(1), text: "" }, numberedEpisode(2)] },
  });
  await inbox.buryFailedItem(item(), "no title");
  await inbox.buryFailedItem(item({ id: "item 8" }), "no title");
  const { delivered, kept } = await retryAll();
  expect([delivered, received.length]).toEqual([0, 2]);
  expect(kept).toMatchObject([
    { code: "INBOX_ITEM_UNDELIVERED", message: expect.stringContaining("refuses 1 of its 2 episodes") },
    { code: "INBOX_ITEM_UNDELIVERED", message: expect.stringContaining("item 8") },
  ]);
  const { deadLetters } = await inbox.stats();
  expect(deadLetters).toEqual(
    expect.arrayContaining([
      { source, type: "item", count: 2 },
      { source, type: "episode", count: 1 },
    ]),
  );
});

describe("an item that cannot be retried", () => {
  const away = new ConnectorsError({ code: "DEMO_AWAY", message: "the provider is away", hint: "wait", retryable: true });
  test.each<[string, WorldOptions["mapper"], BuriedFailedItem, string, string]>([
    ["without map()", {}, item(), "INBOX_ITEM_FINAL", "connector demo has no map()"],
    [
      "without fetchItem()",
      { map },
      rawless(),
      "INBOX_ITEM_FINAL",
      "its raw form was not kept, and connector demo has no fetchItem()",
    ],
    [
      "that the source has no more",
      { map, fetchItem: async () => undefined },
      rawless(),
      "INBOX_ITEM_FINAL",
      "the source does not have it any more",
    ],
    ["of an entry that is gone", { map }, item({ direction: "push" }), "INBOX_ITEM_FINAL", "its entry is not configured"],
    ["that never was one", { map }, rawless({ yielded: null }), "INBOX_ITEM_FINAL", "yielded it in the place of an episode"],
    ["whose mapping throws", { map }, item({ raw: null }), "INBOX_ITEM_UNMAPPED", "still cannot be mapped: TypeError"],
    ["whose mapping answers no list", { map: () => undefined as never }, item(), "INBOX_ITEM_UNMAPPED", "answered no list"],
    [
      "whose mapping answers no episodes",
      { map: () => [null as never] },
      item(),
      "INBOX_ITEM_UNMAPPED",
      "something that is not an episode",
    ],
    ["while its provider is away", { map, fetchItem: () => Promise.reject(away) }, rawless(), "DEMO_AWAY", "away"],
    [
      "whose fetch is defect",
      { map, fetchItem: () => Promise.reject(new Error("x")) },
      rawless(),
      "INBOX_ITEM_UNMAPPED",
      "Error: x",
    ],
  ])("%s says so, and its letter stays as it was", async (_, mapper, buried, code, message) => {
    const { inbox, received, retryAll } = world({ mapper });
    await inbox.buryFailedItem(buried, "first reason");
    const report = await retryAll();
    expect(report).toMatchObject({ delivered: 0, kept: [{ code, message: expect.stringContaining(message) }] });
    expect(report.kept[0]?.hint ?? "").not.toBe("");
    expect(await inbox.listDeadLetters()).toMatchObject([{ type: "item", reason: "first reason" }]);
    expect(received).toEqual([]);
  });

  test("because its provider never answers is kept after 30 s", async () => {
    const { inbox, retryAll } = world({ mapper: { map, fetchItem: () => new Promise(() => undefined) } });
    await inbox.buryFailedItem(rawless(), "first reason");
    expect(await retryAll(31)).toMatchObject({ kept: [{ code: "INBOX_ITEM_TIMEOUT" }] });
    expect(await inbox.listDeadLetters()).toHaveLength(1);
  });

  test("because the sink is down is kept after 30 s, and the next one at once", async () => {
    const { inbox, retryAll } = world({ ingest: () => Promise.reject(new Error("connection refused")) });
    for (const id of ["1", "2"]) await inbox.buryFailedItem(item({ id }), "first reason");
    const { kept } = await retryAll(31);
    expect(kept.map(({ code }) => code)).toEqual(["INBOX_ITEM_UNDELIVERED", "INBOX_ITEM_UNDELIVERED"]);
    expect(kept.map(({ message }) => message.split(": ").at(-1))).toEqual([
      "the sink did not accept it within 30 s",
      "an item before it could not be delivered in time",
    ]);
    expect(await inbox.listDeadLetters()).toHaveLength(2);
  });
});
