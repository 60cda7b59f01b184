import { recordLimits } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { ScopeRoom } from "../src/scope-room.ts";

/** Fills a scope to its limit from several processes that know nothing of each other; returns how many records fit and how many counts it took. */
function fill(processes: number): { readonly records: number; readonly counts: number } {
  const rooms = Array.from({ length: processes }, () => new ScopeRoom());
  let [records, counts] = [0, 0];
  for (let refused = 0; refused < processes;) {
    for (const room of rooms) {
      const needsCount = room.needsCount("sink");
      if (needsCount) {
        counts += 1;
        room.counted("sink", records);
        if (records >= recordLimits.perScope) {
          refused += 1;
          continue;
        }
      }
      records += 1;
    }
  }
  return { records, counts };
}

test("fills a scope to its last record with a count for one in fifty", () => {
  const { records, counts } = fill(1);
  expect(records).toBe(recordLimits.perScope);
  expect(counts).toBeLessThan(recordLimits.perScope / 50);
});

test("fills a scope no further when 20 processes do so at once", () => {
  expect(fill(20).records).toBeLessThanOrEqual(recordLimits.perScope + 20);
});

test("counts a scope again that it has forgotten among many", () => {
  const room = new ScopeRoom();
  room.counted("first", 0);
  for (let index = 0; index < 1_000; index += 1) room.counted(`scope-${index}`, 0);
  expect(room.needsCount("first")).toBe(true);
});
