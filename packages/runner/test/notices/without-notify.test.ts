import { parseConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRunner } from "../../src/index.ts";
import { LastSign } from "../../src/notices/last-sign.ts";
import { notes } from "../notes-connector.ts";

test("a process without [[notify]] forgets the last sign, so that the time in which it runs is no downtime for the next one", async () => {
  const cursorStore = new InMemoryPullCursorStore();
  const { records } = cursorStore;
  if (records === undefined) throw new Error("the store in memory keeps no records");
  await new LastSign(records).write(1_700_000_000_000);
  const config = await parseConfig(
    { statewave: { url: "stdout:" }, runner: { port: 0 }, push: { notes: [{ name: "team" }] } },
    { connectors: [notes] },
  );
  const runner = await createRunner({
    ...config,
    logger: silentLogger,
    listen: false,
    cursorStore,
    ingest: async () => undefined,
  });
  onTestFinished(() => runner.stop());
  await runner.start();
  await vi.waitFor(async () => expect(await new LastSign(records).read()).toBeUndefined());
});
