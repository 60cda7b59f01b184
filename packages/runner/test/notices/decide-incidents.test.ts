import { describe, expect, it } from "vitest";
import { type Absence, decideIncidents } from "../../src/notices/incidents/decide-incidents.ts";
import type { Incident, SeenTrouble } from "../../src/notices/incidents/incident.ts";

const settleMs = 60_000;
const startMs = 1_800_000_000_000;
const trouble: SeenTrouble = {
  key: "source_failing pull:demo/one",
  event: "source_failing",
  entry: "pull:demo/one",
  sinceMs: startMs,
  text: "pull:demo/one fails",
};

/** Looks one after the other, as a process makes them. */
class Looks {
  incidents: readonly Incident[] = [];
  readonly messages: string[] = [];
  nowMs = startMs;

  look(troubles: readonly SeenTrouble[], absence: Absence = "well"): void {
    const view = { troubles, absenceOf: () => absence };
    const { incidents, opened, closed } = decideIncidents(view, this.incidents, { nowMs: this.nowMs, settleMs });
    // As a restart reads them.
    this.incidents = JSON.parse(JSON.stringify(incidents)) as readonly Incident[];
    this.messages.push(...opened.map(({ key }) => `began ${key}`));
    this.messages.push(
      ...closed.map(({ incident, because }) => `over ${incident.key}${because === undefined ? "" : `: ${because}`}`),
    );
  }

  lookAfter(ms: number, ...seen: Parameters<Looks["look"]>): void {
    this.nowMs += ms;
    this.look(...seen);
  }
}

describe("an incident", () => {
  it("begins once its trouble has lasted, and ends once that has been over for as long", () => {
    const looks = new Looks();
    looks.look([trouble]);
    looks.lookAfter(settleMs - 1, [trouble]);
    expect(looks.messages).toEqual([]);
    looks.lookAfter(1, [trouble]);
    for (let look = 0; look < 100; look += 1) looks.lookAfter(settleMs, [trouble]);
    expect(looks.messages).toEqual([`began ${trouble.key}`]);
    looks.lookAfter(15_000, []);
    looks.lookAfter(settleMs - 1, []);
    expect(looks.messages).toHaveLength(1);
    looks.lookAfter(1, []);
    for (let look = 0; look < 100; look += 1) looks.lookAfter(settleMs, []);
    expect(looks.messages).toEqual([`began ${trouble.key}`, `over ${trouble.key}`]);
  });

  it("that passes before it has lasted makes no message", () => {
    const looks = new Looks();
    looks.look([trouble]);
    looks.lookAfter(5_000, []);
    looks.lookAfter(settleMs, []);
    looks.lookAfter(settleMs, [trouble]);
    expect(looks.messages).toEqual([]);
  });

  it("of a source that flaps 500 times in 10 minutes makes at most two messages", () => {
    const looks = new Looks();
    for (let flap = 0; flap < 500; flap += 1) {
      looks.lookAfter(600, [trouble]);
      looks.lookAfter(600, []);
    }
    for (let look = 0; look < 60; look += 1) looks.lookAfter(15_000, []);
    expect(looks.messages).toEqual([`began ${trouble.key}`, `over ${trouble.key}`]);
  });

  it("that comes again all day long makes few messages, because it must be over for longer each time", () => {
    const looks = new Looks();
    const day = 24 * 60;
    for (let minute = 0; minute < day; minute += 1) looks.lookAfter(60_000, minute % 10 < 5 ? [trouble] : []);
    expect(looks.messages.length).toBeLessThanOrEqual(8);
    expect(looks.messages.length).toBeGreaterThanOrEqual(1);
  });

  it("is as new when it comes again after a day", () => {
    const looks = new Looks();
    for (let day = 0; day < 3; day += 1) {
      looks.lookAfter(25 * 60 * 60_000, [trouble]);
      looks.lookAfter(settleMs, [trouble]);
      looks.lookAfter(settleMs, []);
      looks.lookAfter(settleMs, []);
    }
    expect(looks.messages).toHaveLength(6);
  });

  it("stays open while nothing is known of it", () => {
    const looks = new Looks();
    looks.look([trouble]);
    looks.lookAfter(settleMs, [trouble]);
    for (let look = 0; look < 10; look += 1) looks.lookAfter(settleMs, [], "unknown");
    expect(looks.messages).toEqual([`began ${trouble.key}`]);
    looks.lookAfter(1, []);
    looks.lookAfter(settleMs, []);
    expect(looks.messages).toHaveLength(2);
  });

  it("ends at once, with the reason, when it is no longer looked at", () => {
    const looks = new Looks();
    looks.look([trouble]);
    looks.lookAfter(settleMs, [trouble]);
    looks.lookAfter(1, [], { unwatched: "the entry is paused" });
    expect(looks.messages).toEqual([`began ${trouble.key}`, `over ${trouble.key}: the entry is paused`]);
    const silent = new Looks();
    silent.look([trouble]);
    silent.lookAfter(1, [], { unwatched: "the entry is paused" });
    expect([silent.messages, silent.incidents]).toEqual([[], []]);
  });

  it("is not held up by a clock that was ahead", () => {
    const looks = new Looks();
    looks.nowMs += 7 * 24 * 60 * 60_000;
    looks.look([trouble]);
    looks.nowMs = startMs;
    looks.look([trouble]);
    looks.lookAfter(settleMs, [trouble]);
    expect(looks.messages).toEqual([`began ${trouble.key}`]);
  });
});
