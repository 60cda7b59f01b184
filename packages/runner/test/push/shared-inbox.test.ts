import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { onePage, pushWorld, texts } from "./push-fixture.ts";

describe("an inbox that processes share, while this one can deliver nothing", () => {
  const isDown = new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true });

  test("keeps every event for the others, and is delivered from again once the sink answers", async () => {
    let down = true;
    const mapped: string[] = [];
    const world = pushWorld({
      shared: true,
      isReachable: () => !down,
      ingest: async () => {
        if (down) throw isDown;
      },
      pages: async function* (event, signal) {
        mapped.push(Buffer.from(event.body).toString());
        yield* onePage(event);
        signal.throwIfAborted();
      },
    });
    for (let number = 0; number < 20; number += 1) await world.accept(number);
    await world.pass(1_000);
    const mappedOnce = mapped.length;
    // Another consumer of the same queue is handed all of them.
    expect(world.claimed()).toBe(0);
    await world.pass(30 * 60_000);
    expect(mapped).toHaveLength(mappedOnce);
    expect(world.claimed()).toBe(0);
    expect(world.outcomes).toEqual([]);
    expect(await world.inbox.stats()).toMatchObject({ depth: 20, deadLetters: [] });
    down = false;
    await world.pass(60_000);
    expect(new Set(texts(world.received)).size).toBe(20);
    expect(world.outcomes).toEqual(Array.from({ length: 20 }, () => "done"));
  });

  test("is still claimed from while only a batch is at fault", async () => {
    const world = pushWorld({
      shared: true,
      isReachable: () => true,
      ingest: async (episodes) => {
        if (episodes.some(({ text }) => text === "number 0")) throw new TypeError("a defect for this one");
      },
    });
    for (let number = 0; number < 20; number += 1) await world.accept(number);
    await world.pass(5 * 60_000);
    expect(new Set(texts(world.received)).size).toBe(19);
    expect(world.claimed()).toBe(1);
  });
});
