import { describe, expect, it } from "vitest";
import type { Absence } from "../../src/notices/incidents/decide-incidents.ts";
import { type Facts, observe, type SeenState } from "../../src/notices/incidents/observe.ts";
import type { EntryStatus, StatusReport } from "../../src/status/status-report.ts";

const nowMs = 1_800_000_000_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const source = { kind: "demo", name: "one" };
const idle = { source, condition: "idle", failures: 0, deadLetters: 0 } as const;
const pull = { ...idle, direction: "pull" } as const;
const push = { ...idle, direction: "push" } as const;
const pause = { direction: "pull", source, requests: [] } as const;
const sinkUp = { label: "http://127.0.0.1:8100", status: "up" } as const;
const oneProcess = { owner: "o", host: "web-1", pid: 1, version: "1.0.0", seenAtMs: nowMs, pulls: 1, pushes: 1, holds: [] };
const processOf = (sink: StatusReport["processes"][number]["sink"], upMs = 10 * hourMs) => ({
  ...oneProcess,
  startedAtMs: nowMs - upMs,
  sink,
});

interface Given extends Partial<Omit<SeenState, "report">>, Partial<Pick<StatusReport, "entries" | "processes">> {
  readonly inbox?: StatusReport["inbox"];
  readonly facts?: Partial<Facts>;
}

function observed({ entries = [pull, push], processes = [processOf(sinkUp)], facts, ...given }: Given = {}) {
  const inbox = "inbox" in given ? given.inbox : { depth: 0, bytes: 0, deadLetters: 0 };
  const report = { atMs: nowMs, condition: "well", entries, inbox, processes } as const;
  const seen = { report, watches: given.watches ?? new Map(), rhythms: given.rhythms ?? new Map() };
  return observe({ nowMs, seen, unwritable: [], fullDisks: [], ...facts }, { inboxAgeMs: 15 * minuteMs });
}
const told = (given: Given) => observed(given).troubles.map(({ event, text }) => `${event}: ${text}`);
const absence = (
  given: Given,
  event: "source_failing" | "run_missing" | "sink_down" | "dead_letters" | "disk_full",
  entry?: string,
) => {
  const key = entry === undefined ? event : `${event} ${entry}`;
  return observed(given).absenceOf({ key, event, entry, sinceMs: 0, text: "" });
};
const one = "pull:demo/one";
const paused: Absence = { unwatched: "the entry is paused" };
const entry = (status: Partial<EntryStatus>): Given => ({ entries: [{ ...pull, ...status }] });

describe("a look finds", () => {
  it("nothing where all is well", () => {
    expect(observed().troubles).toEqual([]);
    expect(absence({}, "source_failing", one)).toBe("well");
  });

  it("a source that is unhealthy or has failed three times in a row, and not one that failed once", () => {
    const error = { code: "DEMO_DOWN", message: "see https://evil.example <!channel>" };
    const failing = (status: Partial<EntryStatus>) => entry({ condition: "failing", error, ...status });
    expect(told(failing({ failures: 3 }))).toEqual([
      "source_failing: pull:demo/one fails, 3 times in a row: see hxxps[:]//evil[.]example < !channel> [DEMO_DOWN]",
    ]);
    expect(told(failing({ failures: 1, unhealthySinceMs: nowMs - 5 }))).toHaveLength(1);
    expect(told(failing({ failures: 2 }))).toEqual([]);
    expect(absence(failing({ failures: 2 }), "source_failing", one)).toBe("unknown");
    // The sink or a store is to blame, and is reported itself.
    expect(told(failing({ failures: 9, error: { code: "SINK_STOPPED", message: "no" } }))).toEqual([]);
    expect(absence(failing({ failures: 9, pause }), "source_failing", one)).toBe("unknown");
    expect(told({ entries: [{ ...push, condition: "failing", error, unhealthySinceMs: nowMs }] })).toHaveLength(1);
  });

  it("a run that is missing for two intervals, unless it is paused, under way, or what else is wrong explains it", () => {
    const late = { condition: "late", lagMs: 3 * hourMs, lateAfterMs: 2 * hourMs } as const;
    expect(told(entry(late))).toEqual([
      `run_missing: pull:demo/one has finished no run since its due at ${new Date(nowMs - 3 * hourMs).toISOString()}, more than two intervals ago`,
    ]);
    expect(told(entry({ ...late, pause, condition: "paused" }))).toEqual([]);
    expect(absence(entry({ ...late, pause, condition: "paused" }), "run_missing", one)).toEqual(paused);
    for (const condition of ["running", "failing", "waiting"] as const)
      expect(absence(entry({ ...late, condition }), "run_missing", one)).toBe("unknown");
    const processes = [processOf({ ...sinkUp, status: "failing", sinceMs: nowMs })];
    expect(told({ ...entry(late), processes })).toEqual(["sink_down: the sink takes nothing"]);
    // After a downtime the catch-up comes first.
    expect(told({ ...entry(late), processes: [processOf(sinkUp, hourMs)] })).toEqual([]);
    expect(absence(entry({ ...late, lagMs: hourMs, condition: "idle" }), "run_missing", one)).toBe("well");
  });

  it("a cursor that stands while episodes come, unless its source is paused", () => {
    const standing = { condition: "standing", standing: { sinceMs: nowMs - hourMs, runs: 4 } } as const;
    expect(told(entry(standing))).toEqual([
      "cursor_standing: pull:demo/one brought episodes in 4 runs and its cursor stayed as it was",
    ]);
    expect(told(entry({ ...standing, pause }))).toEqual([]);
  });

  it("a watch that ends within 48 hours, or within what its connector says", () => {
    const watch = (leftMs: number, warnBeforeMs = 48 * hourMs) => ({
      entries: [pull],
      watches: new Map([["demo/one", { renewedAtMs: 1, dueAtMs: 1, expiresAtMs: nowMs + leftMs, warnBeforeMs }]]),
    });
    expect(told(watch(47 * hourMs))).toEqual([
      `watch_ending: pull:demo/one has a watch at its provider that was not renewed and expires at ${new Date(nowMs + 47 * hourMs).toISOString()}`,
    ]);
    expect(told(watch(49 * hourMs))).toEqual([]);
    expect(told(watch(3 * hourMs, 2 * hourMs))).toEqual([]);
    expect(told(watch(-1))[0]).toContain("expired at");
  });

  it("dead letters, and nothing of them while the inbox cannot be read", () => {
    expect(told(entry({ deadLetters: 2 }))).toEqual(["dead_letters: pull:demo/one has 2 dead letters"]);
    expect(absence({ inbox: undefined }, "dead_letters", one)).toBe("unknown");
  });

  it("an old inbox, a receiver that is quieter than its week, and not one that is paused", () => {
    const inbox = { depth: 7, bytes: 1, deadLetters: 0, oldestAcceptedAtMs: nowMs - 16 * minuteMs };
    expect(told({ inbox })).toEqual(["inbox_old: the oldest of 7 waiting webhooks was accepted 16 min ago"]);
    const days = [{ day: Math.floor((nowMs - 3 * hourMs) / 86_400_000), arrivals: 50, longestMs: hourMs }];
    const rhythms = new Map([["demo/one", { firstMs: nowMs - 30 * 24 * hourMs, lastMs: nowMs - 3 * hourMs, days }]]);
    expect(told({ rhythms })).toEqual([
      "receiver_quiet: push:demo/one has received no webhook for 3 h; its longest silence in the week before was 1 h",
    ]);
    expect(told({ rhythms, entries: [{ ...push, pause: { ...pause, direction: "push" } }] })).toEqual([]);
  });

  it("a sink that one process cannot reach, and nothing before it was tried", () => {
    const down = { ...sinkUp, status: "stopped", reason: "401 from https://evil.example", sinceMs: 5 } as const;
    expect(told({ processes: [processOf(sinkUp), processOf(down)] })).toEqual([
      "sink_down: the sink refuses everything: 401 from hxxps[:]//evil[.]example",
    ]);
    expect(absence({ processes: [processOf({ ...sinkUp, status: "unknown" })] }, "sink_down")).toBe("unknown");
    expect(absence({ processes: [processOf({ ...sinkUp, status: "limited" })] }, "sink_down")).toBe("well");
  });

  it("a state that takes no writes and a full disk, also while nothing else can be read", () => {
    const unwritable = [{ store: "cursor_store", status: "unwritable", reason: "no space left" } as const];
    const fullDisks = [{ folder: "/var", message: "only 3 MiB are free on the disk of /var" }];
    const blind = { facts: { seen: undefined, unwritable, fullDisks } };
    expect(told(blind)).toEqual([
      "state_unwritable: the cursor store cannot be written to: no space left",
      "disk_full: only 3 MiB are free on the disk of /var",
    ]);
    expect(absence(blind, "source_failing", one)).toBe("unknown");
    expect(absence(blind, "sink_down")).toBe("unknown");
    expect(absence({ facts: { fullDisks: undefined } }, "disk_full")).toBe("unknown");
  });

  it("that an entry is no longer configured", () => {
    expect(absence({}, "source_failing", "pull:demo/gone")).toEqual({ unwatched: "the entry is no longer configured" });
  });
});
