import { expect, test } from "vitest";
import { type ConfigSchema, defineConnector, type PullSource, type PushReceiver } from "../../src/index.ts";
import { capabilitiesOf } from "../../src/host/index.ts";

const config: ConfigSchema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const pages = async function* () {
  yield { episodes: [] };
};
const source: PullSource = { pages };
const receiver: PushReceiver = { receive: () => ({ type: "event" }), pages };

test("what a connector can do is read from what is there", () => {
  const pull = { config, open: () => source };
  expect(capabilitiesOf(defineConnector({ kind: "a", version: "1", pull }))).toEqual(["pull"]);
  const rich = { ...pull, streams: () => ["x"], seed: () => "1", resetStream: () => "0" };
  expect(
    capabilitiesOf(defineConnector({ kind: "a", version: "1", pull: rich, push: { config, open: () => receiver } })),
  ).toEqual(["pull", "pull.reset_stream", "pull.seed", "pull.streams", "push"]);
});

test("what only an open entry shows is added when it is passed", () => {
  const connector = defineConnector({ kind: "a", version: "1", pull: { config, open: () => source } });
  const pull: PullSource = {
    ...source,
    range: pages,
    map: () => [],
    fetchItem: async () => 1,
    check: async () => [],
    wait: async () => undefined,
    maintain: async () => ({ expiresAtMs: 1 }),
    testPush: async () => [],
  };
  expect(capabilitiesOf(connector, { pull, push: { ...receiver, map: () => [] } })).toEqual([
    "pull",
    "pull.check",
    "pull.fetch_item",
    "pull.maintain",
    "pull.map",
    "pull.range",
    "pull.test_push",
    "pull.wait",
    "push.map",
  ]);
});
