import { setTimeout as pause } from "node:timers/promises";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import { expect, test } from "vitest";
import { Depth } from "../src/depth.ts";
import { QueueWatch, type QueueWatchParts } from "../src/queue-watch.ts";
import { SourceStates } from "../src/source-states.ts";

const slowMs = 200;

test("figures of a slow count include what this process changed since the count began", async () => {
  const depth = new Depth(defaultInboxLimits);
  const counted = Promise.withResolvers<readonly Readonly<Record<string, string>>[]>();
  const postgres = { query: () => counted.promise } as unknown as QueueWatchParts["postgres"];
  const watch = new QueueWatch({ postgres, schema: "inbox", states: new SourceStates(), depth, logger: silentLogger });
  depth.add(10);
  const first = watch.content();
  depth.add(10);
  await pause(slowMs);
  depth.add(10);
  counted.resolve([{ depth: "5", bytes: "50", oldest_ms: "1000" }]);
  expect(await first).toEqual({ depth: 5, bytes: 50, oldestAcceptedAtMs: 1_000 });
  expect(await watch.content()).toEqual({ depth: 7, bytes: 70, oldestAcceptedAtMs: 1_000 });
  for (let item = 0; item < 7; item += 1) depth.remove(10);
  expect(await watch.content()).toEqual({ depth: 0, bytes: 0, oldestAcceptedAtMs: undefined });
});
