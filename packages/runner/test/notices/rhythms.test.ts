import { expect, test } from "vitest";
import { KeptRecord } from "../../src/notices/kept-record.ts";
import { Rhythms } from "../../src/notices/incidents/rhythms.ts";
import { recordStore } from "../record-store.ts";

const source = { kind: "notes", name: "team" };
const hourMs = 60 * 60_000;
const nowMs = 20_000 * 24 * hourMs;

test("an arrival that a clock ahead has noted hides none of those that follow", () => {
  const { records } = recordStore();
  const rhythms = new Rhythms(new KeptRecord({ records, scope: "notices", key: "rhythms", random: () => 0 }));
  const learn = (lastSuccessMs: number, atMs: number) => {
    rhythms.learn(
      { entries: [{ direction: "push", source, condition: "idle", failures: 0, deadLetters: 0, lastSuccessMs }] },
      atMs,
    );
  };
  const aheadMs = nowMs + 365 * 24 * hourMs;
  learn(aheadMs, aheadMs);
  learn(nowMs, nowMs);
  expect(rhythms.all.get("notes/team")?.lastMs).toBe(nowMs);
  learn(aheadMs, nowMs + hourMs);
  expect(rhythms.all.get("notes/team")?.lastMs).toBe(nowMs);
});
