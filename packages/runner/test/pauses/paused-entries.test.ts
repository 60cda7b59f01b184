import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { formatEntryName } from "../../src/entry-name.ts";
import { pauseEntries, resumeEntries } from "../../src/pauses/pause-entries.ts";
import { PausedEntries } from "../../src/pauses/paused-entries.ts";
import { keepingLogger } from "../health/logging.ts";
import { recordStore } from "../record-store.ts";

const hook = { direction: "push", source: { kind: "slack", name: "team" } } as const;
const by = { user: "ana@build-7" };

function watching({ records, clock }: { readonly records: StoreRecords | undefined; readonly clock: FakeClock }) {
  const { logger, lines } = keepingLogger();
  const changes: string[] = [];
  const onChange: ConstructorParameters<typeof PausedEntries>[0]["onChange"] = (entry, isPaused) =>
    void changes.push(`${formatEntryName(entry)} ${isPaused ? "paused" : "resumed"}`);
  const pauses = new PausedEntries({ records, clock, logger, onChange });
  const pass = async (durationMs: number) => {
    await clock.advance(durationMs);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  };
  return { pauses, changes, lines, pass };
}

test("a process learns within seconds of what another one paused and resumed", async () => {
  const { clock, records } = recordStore();
  const { pauses, changes, lines, pass } = watching({ records, clock });
  await pauses.learn();
  pauses.begin();
  await pauseEntries({ records, clock }, { entries: [hook], by, reason: "a new secret" });
  expect(pauses.of(hook)).toBeUndefined();
  await pass(2_000);
  expect(pauses.of(hook)?.requests).toMatchObject([{ by, reason: "a new secret" }]);
  await resumeEntries({ records, clock }, { entries: [hook], by });
  await pass(2_000);
  expect(pauses.of(hook)).toBeUndefined();
  expect(changes).toEqual(["push:slack/team paused", "push:slack/team resumed"]);
  expect(lines.map(({ message }) => message)).toEqual(["an entry is paused", "an entry is no longer paused"]);
  pauses.stop();
});

test("a restarted process knows the pauses before it begins to look", async () => {
  const { clock, records } = recordStore();
  await pauseEntries({ records, clock }, { entries: [hook], by });
  const { pauses, changes } = watching({ records, clock });
  await pauses.learn();
  expect(pauses.all).toHaveLength(1);
  expect(changes).toEqual(["push:slack/team paused"]);
});

test("what is paused stays paused while the store does not answer, and is resumed when it does again", async () => {
  const { clock, records } = recordStore();
  await pauseEntries({ records, clock }, { entries: [hook], by });
  let answer: "yes" | "no" | "never" = "yes";
  const list: StoreRecords["list"] = (...query) => {
    if (answer === "never") return new Promise(() => undefined);
    return answer === "yes" ? records.list(...query) : Promise.reject(new Error("connection refused"));
  };
  const { pauses, pass } = watching({ records: { ...records, list }, clock });
  await pauses.learn();
  pauses.begin();
  await resumeEntries({ records, clock }, { entries: [hook], by });
  for (const failure of ["no", "never"] as const) {
    answer = failure;
    await pass(2_000);
    await pass(10_000);
    expect(pauses.of(hook)).toBeDefined();
  }
  answer = "yes";
  await pass(10 * 60_000);
  expect(pauses.of(hook)).toBeUndefined();
  pauses.stop();
});

test("nothing is paused with a store that keeps no records", async () => {
  const { clock } = recordStore();
  const { pauses } = watching({ records: undefined, clock });
  await pauses.learn();
  pauses.begin();
  expect(pauses.all).toEqual([]);
});
