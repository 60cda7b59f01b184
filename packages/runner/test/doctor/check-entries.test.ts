import { parseConfig } from "@statewave-connectors/config";
import { type ConfigSchema, defineConnector, type PullSource } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { checkEntries } from "../../src/tools.ts";
import { formatRenewal, optionsHash } from "../../src/watches/renewal-record.ts";

const config: ConfigSchema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const hourMs = 3_600_000;
const { signal } = new AbortController();

/** What `checkEntries` finds for one entry whose state is on a server. */
async function world(source: Partial<PullSource>) {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const opened: string[] = [];
  const shelf = defineCursorStore({
    config,
    livesIn: "server",
    async open() {
      opened.push("store");
      return Object.assign(store, { close: async () => undefined });
    },
  });
  const connector = defineConnector({
    kind: "bell",
    version: "1.0.0",
    pull: {
      config,
      open: (_, { storage }): PullSource => ({
        // eslint-disable-next-line require-yield -- nothing is read here
        async *pages() {
          await storage.get("token");
        },
        ...source,
      }),
    },
  });
  const cursorStores = { shelf };
  const parsed = await parseConfig(
    {
      statewave: { url: "stdout:" },
      runner: { state: { kind: "shelf" }, inbox: { kind: "memory" } },
      pull: { bell: [{ name: "door", schedule: "every 1h" }] },
    },
    { connectors: [connector], cursorStores },
  );
  const options = { ...parsed, cursorStores, clock, logger: silentLogger };
  const check = async (testsPush = false) => (await checkEntries(options, signal, { testsPush }))[0]?.results;
  const renewedFor = async (leftMs: number) => {
    const nowMs = clock.now();
    const renewed = { renewedAtMs: nowMs, expiresAtMs: nowMs + leftMs, warnBeforeMs: 48 * hourMs, dueAtMs: nowMs + hourMs };
    const value = formatRenewal({ options: optionsHash({}), renewed });
    await store.records.compareAndSet({ scope: "watches", key: "bell/door", value, expectedVersion: 0 });
  };
  return { check, renewedFor, opened };
}

test("the state is opened only for an entry that keeps something there", async () => {
  const { check, opened } = await world({});
  expect(await check()).toEqual([]);
  expect(opened).toEqual([]);
});

test("an entry says until when it is renewed, and fails when that is in less than 48 hours", async () => {
  const maintain = () => Promise.reject(new Error("doctor renews nothing"));
  const fresh = await world({ maintain });
  expect(await fresh.check()).toMatchObject([{ ok: true, message: expect.stringContaining("nothing is renewed yet") }]);
  const renewed = await world({ maintain });
  await renewed.renewedFor(100 * hourMs);
  expect(await renewed.check()).toMatchObject([{ ok: true, message: expect.stringContaining("renewed until 2026-01-05T04:00") }]);
  const ending = await world({ maintain });
  await ending.renewedFor(47 * hourMs);
  expect(await ending.check()).toMatchObject([{ ok: false, error: { code: "PULL_WATCH_EXPIRING" } }]);
});

test("a test notification is requested only when it is wanted, and what it throws is a failed result", async () => {
  let requests = 0;
  const sends = await world({
    testPush: async () => {
      requests += 1;
      return [{ ok: true, message: "a notification is on its way" }];
    },
  });
  expect([await sends.check(), requests]).toEqual([[], 0]);
  expect(await sends.check(true)).toEqual([{ ok: true, message: "a notification is on its way" }]);
  const fails = await world({ testPush: () => Promise.reject(new Error("broken")) });
  expect(await fails.check(true)).toMatchObject([{ ok: false }]);
});
