import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigInput, parseConfig } from "@statewave-connectors/config";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type FakeStatewave, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRunner, type RunnerEvent, type RunnerOptions } from "../../src/index.ts";
import { noteRequest, notes } from "../notes-connector.ts";

const patient = { timeout: 60_000 };
const team = { kind: "notes", name: "team" };
const diary = { kind: "notes", name: "diary" };

async function started(statewave: FakeStatewave, source: Partial<ConfigInput>, options: Partial<RunnerOptions> = {}) {
  const events: RunnerEvent[] = [];
  const baseDir = mkdtempSync(join(tmpdir(), "runner-events-"));
  onTestFinished(() => rmSync(baseDir, { recursive: true, force: true }));
  const settings = await parseConfig({ statewave: { url: statewave.url }, ...source }, { connectors: [notes], baseDir });
  const runner = await createRunner({
    ...settings,
    logger: silentLogger,
    listen: false,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => runner.stop());
  await runner.start();
  const ofType = <Type extends RunnerEvent["type"]>(type: Type) =>
    events.filter((event): event is Extract<RunnerEvent, { type: Type }> => event.type === type);
  return { runner, events, ofType };
}

async function fakeStatewave(): Promise<FakeStatewave> {
  const statewave = await startFakeStatewave();
  onTestFinished(() => statewave.close());
  return statewave;
}

describe("the events of a runner", () => {
  test("tell when a run began, what it buried, and how it ended", async () => {
    const statewave = await fakeStatewave();
    statewave.setFaults([{ type: "refuse", marker: "unwelcome", as: "422" }]);
    const pull = { notes: [{ name: "diary", schedule: "every 1s", texts: ["one", "unwelcome", "three"] }] };
    const { events, ofType } = await started(statewave, { pull });
    await vi.waitFor(() => expect(ofType("run-ended").length).toBeGreaterThan(0), patient);
    const [begun, buried, ended] = events;
    const runId = ofType("run-started")[0]?.runId;
    expect(runId).toMatch(/^[0-9a-f]{12}$/);
    expect(begun).toEqual({ type: "run-started", source: diary, runId });
    expect(buried).toEqual({
      type: "episode-buried",
      source: diary,
      runId,
      kind: "note.written",
      idempotencyKey: "notes:unwelcome",
      cause: "refused",
      reason: expect.stringContaining("422"),
    });
    expect(ended).toEqual({
      type: "run-ended",
      source: diary,
      runId,
      outcome: "done",
      durationMs: expect.any(Number),
      counts: { episodes: 3, delivered: 2, buried: 1, skipped: 0, failed: 0 },
    });
  });

  test("give the error of a run that failed", async () => {
    const pull = { notes: [{ name: "diary", schedule: "every 1s", fault: "the diary is locked" }] };
    const { ofType } = await started(await fakeStatewave(), { pull });
    await vi.waitFor(() => expect(ofType("run-ended").length).toBeGreaterThan(0), patient);
    expect(ofType("run-ended")[0]).toMatchObject({
      outcome: "failed",
      counts: { episodes: 0, delivered: 0, skipped: 0, failed: 0 },
      error: new Error("the diary is locked"),
    });
  });

  test("name the receiver that refused a webhook, and the reason", async () => {
    const { runner, events } = await started(await fakeStatewave(), { push: { notes: [{ name: "team" }] } });
    expect((await runner.fetch(noteRequest("forged", "wrong"))).status).toBe(401);
    expect(events).toEqual([{ type: "webhook-refused", source: team, reason: "signature_invalid" }]);
  });

  test("follow an outage of the sink, one event for each change", async () => {
    const statewave = await fakeStatewave();
    statewave.setFaults([{ type: "status", status: 401 }]);
    const { runner, ofType } = await started(statewave, {
      runner: { drain_timeout: "1s" },
      push: { notes: [{ name: "team" }] },
    });
    await runner.fetch(noteRequest("kept"));
    await vi.waitFor(() => expect(ofType("sink-changed")).toHaveLength(1), patient);
    expect(ofType("sink-changed")).toEqual([
      { type: "sink-changed", status: "stopped", reason: expect.stringContaining("401"), hint: expect.stringMatching(/api_key/) },
    ]);
  });
});

describe("a hook for events", () => {
  const throwing = () => {
    throw new Error("from the hook");
  };
  const rejecting = async () => throwing();

  test.each([
    ["throws", throwing],
    ["rejects", rejecting],
  ])("that %s is logged, and disturbs nothing", async (_, onEvent) => {
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (message) => errors.push(message), child: () => logger };
    const source = { push: { notes: [{ name: "team" }] } };
    const { runner } = await started(await fakeStatewave(), source, { onEvent, logger });
    expect((await runner.fetch(noteRequest("forged", "wrong"))).status).toBe(401);
    await vi.waitFor(() => expect(errors).toContain("onEvent threw"), patient);
  });
});
