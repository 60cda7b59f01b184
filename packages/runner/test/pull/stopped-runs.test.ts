import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { keepingLogger } from "../health/logging.ts";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

describe("stop", () => {
  test("ends a run behind its next checkpoint, to be resumed at once", async () => {
    const source = new NumberedSource(30);
    const world = pullWorld({ sources: { one: source } });
    let stopped: Promise<void> | undefined;
    source.beforePage = async (first) => {
      if (first === 6) stopped = world.scheduler.stop(new AbortController().signal);
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await stopped;
    expect(await world.store.get(one)).toBe("9");
    const [state] = await world.store.list();
    expect(state?.openDueMs).toBeDefined();
    expect(state?.lease).toBeUndefined();
  });

  test("aborts a source that never answers at the deadline", async () => {
    const source = new NumberedSource(3);
    source.beforePage = () => new Promise(() => undefined);
    const world = pullWorld({ sources: { one: source } });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    const deadline = new AbortController();
    const stopped = world.scheduler.stop(deadline.signal);
    deadline.abort();
    await expect(stopped).resolves.toBeUndefined();
  });

  test("aborts a run that waits for the sink without reporting an error", async () => {
    const { logger, lines } = keepingLogger();
    const ingest = () => Promise.reject(new ConnectorsError({ code: "TEST_DOWN", message: "down", retryable: true }));
    const world = pullWorld({ sources: { one: new NumberedSource(3) }, isReachable: () => false, ingest, logger });
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    await world.scheduler.stop(new AbortController().signal);
    expect(world.errors).toMatchObject([{ code: "RUNNER_STOPPING" }]);
    expect(lines.filter(({ level }) => level === "error")).toEqual([]);
    expect(lines).toContainEqual({
      level: "info",
      message: "run ended early; the rest follows",
      fields: expect.objectContaining({ source: "demo/one", reason: "stopping" }),
    });
  });

  test("logs why the drain ended with each run that it aborts", async () => {
    const { logger, lines } = keepingLogger();
    const source = new NumberedSource(3);
    source.beforePage = () => new Promise(() => undefined);
    const world = pullWorld({ sources: { one: source }, logger });
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    const code = "RUNNER_DRAIN_TIMEOUT";
    await world.scheduler.stop(AbortSignal.abort(new ConnectorsError({ code, message: "stopping took longer" })));
    expect(lines).toMatchObject([{ level: "warn", message: "run failed while it read the source", fields: { error: { code } } }]);
  });

  test("ends a dry run after its page", async () => {
    const source = new NumberedSource(30);
    const world = pullWorld({ sources: { one: source }, entry: { dryRun: true } });
    const pages: number[] = [];
    let stopped: Promise<void> | undefined;
    source.beforePage = async (first) => {
      pages.push(first);
      if (first === 6) stopped = world.scheduler.stop(new AbortController().signal);
    };
    await world.scheduler.start();
    await world.pass(hourMs + secondMs);
    await stopped;
    expect(pages).toEqual([0, 3, 6]);
  });

  test("refuses a run that is requested afterwards, instead of leaving it waiting", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    await world.scheduler.stop(AbortSignal.abort());
    await expect(world.scheduler.runForPerson(one)).rejects.toMatchObject({ code: "RUNNER_STOPPING", retryable: true });
  });

  test("leaves no timer behind", async () => {
    const world = pullWorld({ sources: { one: new NumberedSource(3) } });
    await world.scheduler.start();
    await world.pass(hourMs + minuteMs);
    await world.scheduler.stop(AbortSignal.abort());
    await world.delivery.close(AbortSignal.abort());
    expect(world.clock.pending).toBe(0);
  });
});
