import { parseSchedule, type Schedule } from "@statewave-connectors/config";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, it } from "vitest";
import { rememberingDues } from "../../src/notices/incidents/remembered-dues.ts";

it("answers as the schedule does, at any moments, and computes a due once", () => {
  for (const text of ["*/15 * * * *", "30 2 * * *", "every 7m", "0 3 1 1 *"]) {
    const plain = parseSchedule(text, { timezone: "Europe/Berlin", key: "demo/one" });
    let computed = 0;
    const counting: Schedule = { ...plain, nextAfterMs: (ms) => ((computed += 1), plain.nextAfterMs(ms)) };
    const remembering = rememberingDues(counting);
    const random = seededRandom(7);
    for (let atMs = Date.UTC(2026, 2, 28); atMs < Date.UTC(2026, 2, 31); atMs += Math.round(random() * 20 * 60_000))
      for (const ms of [atMs, atMs - 3_600_000, atMs]) expect(remembering.nextAfterMs(ms)).toBe(plain.nextAfterMs(ms));
    const before = computed;
    const nowMs = Date.UTC(2026, 5, 1);
    for (let look = 0; look < 50; look += 1) remembering.nextAfterMs(nowMs + look * 1_000);
    expect(computed - before).toBeLessThanOrEqual(1);
  }
});
