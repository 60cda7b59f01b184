import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { recordLimits } from "@statewave-connectors/connector-sdk/store";
import { describe, expect, test } from "vitest";
import { actorOfProcess, formatActor } from "../../src/actions/actor.ts";
import { listActions, recordAction } from "../../src/actions/record-action.ts";
import { noticingWrites, recordStore } from "../record-store.ts";

const by = { user: "ana@build-7", as: "Ana" };
const reset = { by, command: "state reset", targets: ["github/main"], reason: "the sink is new" };

describe("the audit log", () => {
  test("holds who did what and why, with the state before and after", async () => {
    const { clock, records } = recordStore();
    const result = await recordAction({ records, clock }, reset, async () => {
      await clock.advance(1_500);
      return { result: 7, before: { cursor: "12" }, after: null };
    });
    expect(result).toBe(7);
    expect(await listActions(records)).toEqual([
      {
        id: expect.stringMatching(/^\d{15} [0-9a-f]{8}$/),
        atMs: 1_800_000_000_000,
        endedAtMs: 1_800_000_001_500,
        ...by,
        command: "state reset",
        targets: ["github/main"],
        targetCount: 1,
        reason: "the sink is new",
        outcome: "done",
        before: { cursor: "12" },
        after: null,
      },
    ]);
  });

  test("shows an action under way, and one whose program was killed, as begun", async () => {
    const { clock, records } = recordStore();
    const killed = new Promise<never>(() => undefined);
    void recordAction({ records, clock }, reset, () => killed);
    await expect.poll(() => listActions(records)).toMatchObject([{ outcome: "begun", command: "state reset" }]);
  });

  test("keeps why an action failed, and the caller gets its error", async () => {
    const { clock, records } = recordStore();
    const error = new ConnectorsError({ code: "STORE_IN_USE", message: "github/main is running" });
    await expect(recordAction({ records, clock }, reset, () => Promise.reject(error))).rejects.toBe(error);
    expect(await listActions(records)).toMatchObject([
      { outcome: "failed", error: { code: "STORE_IN_USE", message: "github/main is running" } },
    ]);
  });

  test("prevents an action that it cannot take", async () => {
    const { clock, records } = recordStore();
    const broken = noticingWrites(records, () => Promise.reject(new Error("the disk is full")));
    let acted = false;
    const acting = recordAction({ records: broken, clock }, reset, async () => {
      acted = true;
      return { result: undefined };
    });
    await expect(acting).rejects.toThrow("the disk is full");
    expect(acted).toBe(false);
  });

  test("lets an action succeed whose end it cannot take", async () => {
    const { clock, records } = recordStore();
    let writes = 0;
    const failing = noticingWrites(records, () => {
      writes += 1;
      if (writes > 1) throw new Error("the disk is full");
    });
    expect(await recordAction({ records: failing, clock }, reset, async () => ({ result: "acted" }))).toBe("acted");
    expect(await listActions(records)).toMatchObject([{ outcome: "begun" }]);
  });

  test("keeps actions of the same instant apart, the latest first, and forgets the oldest above 500", async () => {
    const { clock, records } = recordStore();
    let seed = 0;
    const random = () => {
      seed += 1;
      // Every second key is taken already.
      return Math.floor(seed / 2) / 2_000;
    };
    for (let number = 0; number < 520; number += 1) {
      await clock.advance(number % 2);
      await recordAction({ records, clock, random }, { ...reset, targets: [`key-${number}`] }, async () => ({ result: number }));
    }
    const kept = await listActions(records);
    expect(kept).toHaveLength(500);
    expect(kept[0]?.targets).toEqual(["key-519"]);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(500);
    expect(await listActions(records, 3)).toHaveLength(3);
  });

  test("masks known secrets in everything that it keeps", async () => {
    const { clock, records } = recordStore();
    rememberSecret("sk-audit-secret-1");
    const action = { ...reset, reason: "because sk-audit-secret-1 leaked" };
    await recordAction({ records, clock }, action, async () => ({ result: 1, before: { cursor: "sk-audit-secret-1" } }));
    const failure = new Error("sk-audit-secret-1 is wrong");
    await recordAction({ records, clock }, action, () => Promise.reject(failure)).catch(() => undefined);
    const stored = await records.list("audit");
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain("sk-audit-secret-1");
  });

  test("keeps the beginning of what is too long for a record", async () => {
    const { clock, records } = recordStore();
    const endless = "\u0000\u{1f600}".repeat(200_000);
    const action = {
      by: actorOfProcess(endless),
      command: "pause",
      targets: Array.from({ length: 10_000 }, () => endless),
      reason: endless,
    };
    await recordAction({ records, clock }, action, async () => ({ result: 1, before: endless, after: { endless } }));
    const [stored] = await records.list("audit");
    expect(Buffer.byteLength(stored?.value ?? "")).toBeLessThanOrEqual(recordLimits.valueBytes);
    expect(await listActions(records)).toMatchObject([
      { targetCount: 10_000, before: { characters: expect.any(Number), beginning: expect.any(String) } },
    ]);
  });

  test("leaves out what it cannot read", async () => {
    const { clock, records } = recordStore();
    for (const [key, value] of [
      ["1", "not JSON"],
      ["2", "null"],
      ["3", "[]"],
      ["4", '{"atMs": 1}'],
      ["5", '{"atMs": "x"}'],
      ["6", '{"atMs": 1e300, "user": "ana@web", "command": "pause", "targets": []}'],
    ] as const)
      await records.compareAndSet({ scope: "audit", key, value, expectedVersion: 0 });
    await recordAction({ records, clock }, reset, async () => ({ result: 1 }));
    expect(await listActions(records)).toHaveLength(1);
  });
});

test("an action of the audit log shows without what a later release wrote in another form", async () => {
  const { records } = recordStore();
  const later = {
    atMs: 1,
    user: "ana@web",
    as: [],
    command: "pause",
    targets: ["pull:github/main", 7],
    targetCount: "many",
    reason: { text: "why" },
    outcome: "flew",
    endedAtMs: "soon",
    error: 7,
    after: { a: 1 },
  };
  await records.compareAndSet({ scope: "audit", key: "1", value: JSON.stringify(later), expectedVersion: 0 });
  expect(await listActions(records)).toEqual([
    {
      id: "1",
      atMs: 1,
      user: "ana@web",
      command: "pause",
      targets: ["pull:github/main"],
      targetCount: 1,
      outcome: "begun",
      after: { a: 1 },
    },
  ]);
});

test("an actor is the user and the host of the process, and the person where several share the user", () => {
  expect(formatActor(actorOfProcess())).toMatch(/^[^@\s]+@\S+$/);
  expect(formatActor({ user: "deploy@web", as: "Ana" })).toBe("Ana (deploy@web)");
});
