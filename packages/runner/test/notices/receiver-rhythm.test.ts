import { describe, expect, it } from "vitest";
import { isQuiet, longestSilenceMs, type Rhythm, withArrival } from "../../src/notices/incidents/receiver-rhythm.ts";

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const startMs = 20_000 * dayMs;

function rhythmOf(arrivals: Iterable<number>): Rhythm {
  let rhythm: Rhythm | undefined;
  for (const atMs of arrivals) rhythm = withArrival(rhythm, atMs);
  if (rhythm === undefined) throw new Error("nothing arrived");
  return rhythm;
}

function* every(everyMs: number, forMs: number): Generator<number> {
  for (let atMs = startMs; atMs <= startMs + forMs; atMs += everyMs) yield atMs;
}

describe("a receiver is quieter than its own week", () => {
  it("when nothing has arrived for twice its longest silence", () => {
    const rhythm = rhythmOf(every(6 * hourMs, 8 * dayMs));
    expect(longestSilenceMs(rhythm)).toBe(6 * hourMs);
    expect(isQuiet(rhythm, rhythm.lastMs + 12 * hourMs)).toBe(false);
    expect(isQuiet(rhythm, rhythm.lastMs + 12 * hourMs + 1)).toBe(true);
  });

  it("not at a weekend, when it is known for a week", () => {
    const working = [...every(hourMs, 15 * dayMs)].filter((atMs) => Math.floor(atMs / dayMs) % 7 < 5);
    const rhythm = rhythmOf(working);
    expect(isQuiet(rhythm, rhythm.lastMs + 3 * dayMs)).toBe(false);
    expect(isQuiet(rhythm, rhythm.lastMs + 5 * dayMs)).toBe(true);
  });

  it("never within the first week, nor with too few webhooks", () => {
    const young = rhythmOf(every(hourMs, 6 * dayMs));
    const rare = rhythmOf(every(3 * dayMs, 30 * dayMs));
    for (const rhythm of [young, rare]) expect(isQuiet(rhythm, rhythm.lastMs + 365 * dayMs)).toBe(false);
  });

  it("never within an hour, however busy it is", () => {
    const rhythm = rhythmOf(every(60_000, 8 * dayMs));
    expect(isQuiet(rhythm, rhythm.lastMs + hourMs)).toBe(false);
    expect(isQuiet(rhythm, rhythm.lastMs + hourMs + 1)).toBe(true);
  });

  it("and remembers eight days and no more", () => {
    const rhythm = rhythmOf(every(hourMs, 100 * dayMs));
    expect(rhythm.days).toHaveLength(8);
    expect(withArrival(rhythm, rhythm.lastMs)).toBe(rhythm);
  });
});
