import { parseConfig } from "@statewave-connectors/config";
import { type ConfigSchema, defineConnector, type PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { numberedEpisode } from "../pull/pull-fixture.ts";

const config: ConfigSchema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };

test("an embedded runner runs a source when its wait requests it, and stops although the wait ignores its abort", async () => {
  const requested = Promise.withResolvers<(part?: string) => void>();
  const delivered = Promise.withResolvers<string>();
  const source: PullSource = {
    async *pages(_cursor, _signal, cause) {
      yield { episodes: [{ ...numberedEpisode(1), text: String(cause?.parts) }], cursor: "1" };
    },
    async wait(_, request) {
      requested.resolve(request);
      await new Promise(() => undefined);
    },
  };
  const connector = defineConnector({ kind: "bell", version: "1.0.0", pull: { config, open: () => source } });
  const parsed = await parseConfig(
    { statewave: { url: "stdout:" }, pull: { bell: [{ name: "door", schedule: "0 0 1 1 *" }] } },
    { connectors: [connector] },
  );
  const runner = await createRunner({
    config: parsed.config,
    connectors: [connector],
    logger: silentLogger,
    listen: false,
    ingest: async (episodes) => delivered.resolve(episodes[0]?.text ?? ""),
  });
  await runner.start();
  const request = await requested.promise;
  request("north");
  expect(await delivered.promise).toBe("north");
  await runner.stop();
});
