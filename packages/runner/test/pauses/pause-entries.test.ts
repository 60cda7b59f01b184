import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { describe, expect, test } from "vitest";
import { listActions } from "../../src/actions/record-action.ts";
import { parseEntryName } from "../../src/entry-name.ts";
import { describePause } from "../../src/pauses/pause.ts";
import { pauseEntries, resumeEntries } from "../../src/pauses/pause-entries.ts";
import { PauseRecords } from "../../src/pauses/pause-records.ts";
import { noticingWrites, recordStore } from "../record-store.ts";

const entryOf = (name: string) => {
  const entry = parseEntryName(name);
  if (entry === undefined) throw new Error(`${name} is no name`);
  return entry;
};
const main = entryOf("pull:github/main");
const ana = { user: "ana@build-7" };
const ben = { user: "ben@web" };

describe("a pause", () => {
  test("is remembered with who, when and why until it is resumed, and both are in the audit log", async () => {
    const { clock, records } = recordStore();
    const [paused] = (await pauseEntries({ records, clock }, { entries: [main], by: ana, reason: "a new token" })).changes;
    expect(paused).toMatchObject({
      before: undefined,
      after: { requests: [{ by: ana, atMs: clock.now(), reason: "a new token" }] },
    });
    expect(await new PauseRecords(records).list()).toEqual([paused?.after]);
    const [resumed] = (await resumeEntries({ records, clock }, { entries: [main], by: ben })).changes;
    expect(resumed).toMatchObject({ before: paused?.after, after: undefined });
    expect(await new PauseRecords(records).list()).toEqual([]);
    const actions = await listActions(records);
    expect(actions.map(({ command, user }) => `${command} ${user}`).toSorted()).toEqual(["pause ana@build-7", "resume ben@web"]);
  });

  test("keeps no known secret in its reason: once it is replaced, nothing would mask it", async () => {
    const { clock, records } = recordStore();
    rememberSecret("sk-pause-secret-1");
    const reason = "sk-pause-secret-1 is being replaced";
    const [paused] = (await pauseEntries({ records, clock }, { entries: [main], by: ana, reason })).changes;
    expect(paused?.after?.requests).toMatchObject([{ reason: "*** is being replaced" }]);
    expect(JSON.stringify(await records.list("paused"))).not.toContain("sk-pause-secret-1");
  });

  test("of two people keeps both reasons", async () => {
    const { clock, records } = recordStore();
    await pauseEntries({ records, clock }, { entries: [main], by: ana, reason: "a new token" });
    const [second] = (await pauseEntries({ records, clock }, { entries: [main], by: ben, reason: "an audit" })).changes;
    expect(second?.before?.requests).toHaveLength(1);
    expect(second?.after?.requests.map(({ reason }) => reason)).toEqual(["a new token", "an audit"]);
    expect(describePause(second!.after!)).toBe("by ana@build-7, and 1 more: a new token");
  });

  test("of many people at once keeps all requests up to five, the first among them", async () => {
    const { clock, records } = recordStore();
    const people = Array.from({ length: 9 }, (_, index) => ({ user: `person-${index}@web` }));
    await Promise.all(people.map((by) => pauseEntries({ records, clock }, { entries: [main], by })));
    const [pause] = await new PauseRecords(records).list();
    expect(pause?.requests).toHaveLength(5);
    expect(new Set(pause?.requests.map(({ by }) => by.user)).size).toBe(5);
  });

  test("that is requested twice in the same words is one request", async () => {
    const { clock, records } = recordStore();
    for (let time = 0; time < 2; time += 1)
      await pauseEntries({ records, clock }, { entries: [main], by: ana, reason: "a new token" });
    expect((await new PauseRecords(records).get(main))?.requests).toHaveLength(1);
  });

  test("that is requested while another person resumes the entry is not lost", async () => {
    const { clock, records } = recordStore();
    await pauseEntries({ records, clock }, { entries: [main], by: ana });
    let isInterrupted = false;
    const racing = noticingWrites(records, async () => {
      // Of the resume, the first write is the audit entry, and the second ends the pause.
      if (isInterrupted || (await listActions(records)).every(({ command }) => command !== "resume")) return;
      isInterrupted = true;
      await pauseEntries({ records, clock }, { entries: [main], by: ben, reason: "an audit" });
    });
    const [change] = (await resumeEntries({ records: racing, clock }, { entries: [main], by: ana })).changes;
    expect(change?.after?.requests.map(({ by }) => by.user)).toEqual(["ana@build-7", "ben@web"]);
    expect(await new PauseRecords(records).get(main)).toBeDefined();
    expect(await resumeEntries({ records, clock }, { entries: [main], by: ana })).toMatchObject({
      changes: [{ after: undefined }],
    });
    expect(await new PauseRecords(records).get(main)).toBeUndefined();
  });

  test("of a thousand entries and their resume end in a few steps", async () => {
    const { clock, records } = recordStore();
    const entries = Array.from({ length: 1_200 }, (_, index) => entryOf(`pull:github/repo-${index}`));
    await pauseEntries({ records, clock }, { entries, by: ana });
    expect(await new PauseRecords(records).list()).toHaveLength(1_200);
    await resumeEntries({ records, clock }, { entries, by: ana });
    expect(await new PauseRecords(records).list()).toEqual([]);
  });

  test("of many entries that the store breaks off says which are paused and which may not be, and the audit log says it too", async () => {
    const { clock, records } = recordStore();
    const entries = Array.from({ length: 40 }, (_, index) => entryOf(`pull:github/repo-${String(index).padStart(2, "0")}`));
    const failing: typeof records = {
      ...records,
      get: (scope, key) => records.get(scope, key),
      list: (scope, query) => records.list(scope, query),
      compareAndSet: (write) =>
        write.key === "pull:github/repo-20" ? Promise.reject(new Error("no space left")) : records.compareAndSet(write),
    };
    const { changes, failure } = await pauseEntries({ records: failing, clock }, { entries, by: ana });
    const named = (names: readonly { readonly source: { readonly name: string } }[]) => names.map(({ source }) => source.name);
    expect(changes).toHaveLength(31);
    expect(named(await new PauseRecords(records).list())).toEqual(named(changes.map(({ entry }) => entry)));
    expect(failure?.error.message).toBe("no space left");
    expect(named(failure?.entries ?? [])).toEqual(["repo-20", ...named(entries.slice(32))]);
    const [action] = await listActions(records);
    expect(action).toMatchObject({ outcome: "failed", error: { message: "no space left" }, after: expect.anything() });
    expect((await pauseEntries({ records, clock }, { entries, by: ana })).failure).toBeUndefined();
  });

  test("whose record a later release wrote holds the entry, without a reason", async () => {
    const { records } = recordStore();
    const write = (key: string, value: string) => records.compareAndSet({ scope: "paused", key, value, expectedVersion: 0 });
    await write("pull:github/main", "{");
    await write(
      "push:github/main",
      '{"requests": [null, {"by": {}}, {"by": {"user": "x"}, "atMs": "y"}, {"by": {"user": "x"}, "atMs": 1e300}]}',
    );
    await write("mirror:github/main", "{}");
    const pauses = await new PauseRecords(records).list();
    expect(pauses).toEqual([
      { direction: "pull", source: { kind: "github", name: "main" }, requests: [] },
      { direction: "push", source: { kind: "github", name: "main" }, requests: [] },
    ]);
    expect(pauses.map(describePause)).toEqual(["", ""]);
  });
});
