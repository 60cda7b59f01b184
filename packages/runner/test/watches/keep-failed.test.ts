import type { PullSource } from "@statewave-connectors/connector-sdk";
import type { KeepFailed } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, test } from "vitest";
import { NoticingSource, secondMs, watchWorld } from "./watch-world.ts";

/** Waits until it is aborted, and keeps what a test has it keep. */
class KeepingSource extends NoticingSource {
  keep: KeepFailed = async () => undefined;

  wait(...[signal, , keep]: Parameters<NonNullable<PullSource["wait"]>>): Promise<void> {
    this.keep = keep;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  }
}

describe("what a wait cannot read", () => {
  const failures = [
    { id: "messages/1", error: new Error("no notification"), raw: { words: "secret" } },
    { id: "", error: new Error("no row"), raw: { row: null } },
    "not one" as never,
  ];

  test("becomes dead letters of its source, counted and logged without its words", async () => {
    const source = new KeepingSource(0);
    const world = watchWorld({ source });
    world.watches.start();
    await world.pass(secondMs);
    await source.keep(failures);
    await source.keep([]);
    expect(world.buried).toMatchObject([
      { id: "messages/1", reason: "Error: no notification", raw: { words: "secret" } },
      { id: expect.stringMatching(/^unnamed-/) as string, reason: "Error: no row", raw: { row: null } },
      { reason: expect.stringContaining("is not one") as string },
    ]);
    expect(world.failed).toEqual([3]);
    const logged = world.lines.filter(({ level }) => level === "warn");
    expect(logged).toMatchObject([{ message: "items cannot be mapped and are now dead letters", fields: { items: 3 } }]);
    expect(JSON.stringify(logged)).not.toContain("secret");
    await world.stop();
  });

  test("and cannot be kept ends the call with an error, and is not counted", async () => {
    const source = new KeepingSource(0);
    const buryFailedItem = () => Promise.reject(new Error("the inbox is full"));
    const world = watchWorld({ source, buryFailedItem });
    world.watches.start();
    await world.pass(secondMs);
    await expect(source.keep(failures)).rejects.toMatchObject({ code: "SINK_BURY_FAILED", retryable: true });
    expect(world.failed).toEqual([]);
    await world.stop();
  });

  test("is not waited for by a stop while the inbox hangs", async () => {
    const source = new KeepingSource(0);
    const world = watchWorld({ source, buryFailedItem: () => new Promise(() => undefined) });
    world.watches.start();
    await world.pass(secondMs);
    const kept = source.keep(failures);
    kept.catch(() => undefined);
    await world.stop();
    await expect(kept).rejects.toMatchObject({ name: "AbortError" });
    expect(world.failed).toEqual([]);
  });
});
