import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { pushWorld, source } from "./push-fixture.ts";

test("an event that waits for a sink which takes nothing is revoked once, and forgotten", async () => {
  const world = pushWorld({
    ingest: async () => {
      throw new ConnectorsError({ code: "DEMO_SINK", message: "away", retryable: true });
    },
    isReachable: () => false,
  });
  const item = { type: "event", source, headers: {}, body: Buffer.from("1"), receivedAtMs: world.clock.now() } as const;
  await world.inbox.accept(item);
  expect(world.worker.revoke(item)).toBe(false);
  await world.pass(1_000);
  expect([world.worker.revoke(item), world.worker.revoke(item)]).toEqual([true, false]);
  await world.pass(50);
  expect(await world.inbox.stats()).toMatchObject({ depth: 0, deadLetters: [] });
  expect(world.worker.revoke(item)).toBe(false);
});
