import { parseConfig } from "@statewave-connectors/config";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { seedCursor } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { checkState } from "../../src/doctor/check-state.ts";
import { noSource } from "../../src/checks/finding.ts";
import { CursorSinkRecords } from "../../src/sink-binding/cursor-sink-records.ts";
import { notes } from "../notes-connector.ts";

/** What is found of a state on a server where another doctor removes its row while this one holds its lease, so many times. */
async function found(removals: number) {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const renew = store.renew.bind(store);
  let left = removals;
  const disturbed = Object.assign(store, {
    close: async () => undefined,
    renew: async (...request: Parameters<typeof renew>) => {
      left -= 1;
      if (left >= 0) await store.delete(noSource);
      return renew(...request);
    },
  });
  const { config } = await parseConfig({ statewave: { url: "stdout:" } }, {});
  const state = { ...config.runner.state, kind: "shelf", livesIn: "server" } as const;
  const stores = { cursorStore: async () => disturbed, inbox: async () => new InMemoryInbox({ clock }) };
  return checkState({ ...config, runner: { ...config.runner, state } }, stores, clock);
}

test("a lease that another doctor takes is requested again", async () => {
  const { findings } = await found(1);
  expect(findings).toEqual([{ ok: true, message: expect.stringContaining("shelf takes writes and grants leases") }]);
});

test("a state that keeps no lease is named", async () => {
  await expect(found(Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code: "STORE_LEASE_LOST" });
});

test("cursors that belong to another sink than the configured one are named, with both commands", async () => {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const { records } = store;
  if (records === undefined) throw new Error("the store in memory keeps no records");
  const source = { kind: "notes", name: "n" };
  const former = { label: "http://former", fingerprint: "former" };
  for (const each of [source, { kind: "notes", name: "not configured" }]) await store.set(each, "a");
  await new CursorSinkRecords(records).writeCommon({ sink: former, strayed: [] });
  const entry = { ...source, schedule: "every 1h" };
  const parsed = await parseConfig(
    { statewave: { url: "http://configured" }, pull: { notes: [entry] } },
    { connectors: [notes] },
  );
  const state = { ...parsed.config.runner.state, kind: "shelf", livesIn: "server" } as const;
  const stores = { cursorStore: async () => store, inbox: async () => new InMemoryInbox({ clock }) };
  const config = { ...parsed.config, runner: { ...parsed.config.runner, state } };
  const { findings } = await checkState(config, stores, clock);
  expect(findings.filter(({ ok }) => !ok)).toEqual([
    {
      ok: false,
      message:
        "the cursors of notes/n belong to another sink (http://former): what they passed over is not sent to http://configured",
      hint: expect.stringMatching(/state reset --all.*state adopt --all/),
    },
  ]);
});

test("a moment to begin at that is stored under a mistyped name is named, with the name that was meant", async () => {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const start = seedCursor({ since: "2026-01-01T00:00:00.000Z" });
  await store.set({ kind: "notes", name: "mian" }, start);
  await store.set({ kind: "notes", name: "main" }, start);
  await store.set({ kind: "notes", name: "former" }, "a cursor of its connector");
  const parsed = await parseConfig(
    { statewave: { url: "stdout:" }, pull: { notes: [{ name: "main", schedule: "every 1h" }] } },
    { connectors: [notes] },
  );
  const state = { ...parsed.config.runner.state, kind: "shelf", livesIn: "server" } as const;
  const stores = { cursorStore: async () => store, inbox: async () => new InMemoryInbox({ clock }) };
  const config = { ...parsed.config, runner: { ...parsed.config.runner, state } };
  const { findings } = await checkState(config, stores, clock);
  expect(findings.filter(({ isWarning }) => isWarning)).toEqual([
    {
      ok: true,
      isWarning: true,
      message: "a start at 2026-01-01T00:00:00.000Z is stored for notes/mian, which is not configured",
      hint: "did you mean notes/main?",
    },
  ]);
});
