import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { type ClaimedItem, defaultInboxLimits, InboxShell } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { FileEngine } from "../src/file-engine.ts";
import { startWorker } from "../src/worker-link.ts";
import { eventOf, openIn, temporaryFolder } from "./temporary-folder.ts";

/** An inbox whose thread the test can end. */
async function openKillable() {
  const workers: Worker[] = [];
  const clock = new FakeClock();
  const engine = new FileEngine({
    worker: { path: join(temporaryFolder(), "inbox.sqlite"), ...defaultInboxLimits },
    startWorker: (options) => {
      const worker = startWorker(options);
      workers.push(worker);
      return worker;
    },
    clock,
    logger: silentLogger,
  });
  const inbox = new InboxShell(engine, clock);
  onTestFinished(() => inbox.close());
  await engine.opened();
  /** Lets the second pass after which a new thread is started, and waits until it has the file open. */
  const restart = async () => {
    await clock.advance(1_000);
    const worker = workers.at(-1)!;
    await new Promise<void>((resolve) => worker.once("message", () => resolve()));
  };
  return { inbox, clock, restart, kill: () => workers.at(-1)!.terminate() };
}

describe("a worker thread that ends unasked", () => {
  it("rejects what was under way and what comes meanwhile, at once and retryable", async () => {
    const { inbox, kill } = await openKillable();
    const unavailable = { code: "INBOX_UNAVAILABLE", retryable: true };
    const underWay = inbox.accept(eventOf("a")).catch((error: unknown) => error);
    await kill();
    expect(await underWay).toMatchObject(unavailable);
    await expect(inbox.accept(eventOf("b"))).rejects.toMatchObject(unavailable);
    await expect(inbox.stats()).rejects.toMatchObject(unavailable);
  });

  it("is started again, and everything answered before is there", async () => {
    const { inbox, kill, restart } = await openKillable();
    await inbox.accept(eventOf("a", "id-a"));
    await kill();
    await restart();
    expect(await inbox.accept(eventOf("a", "id-a"))).toBe("duplicate");
    expect(await inbox.accept(eventOf("b"))).toBe("fresh");
    expect((await inbox.stats()).depth).toBe(2);
  });

  it("loses its claims: their signals abort, what they settle is ignored, and the items are handed out again", async () => {
    const { inbox, clock, kill, restart } = await openKillable();
    await inbox.accept(eventOf("a"));
    const claims: ClaimedItem[] = [];
    const settle: (() => void)[] = [];
    let onClaim = Promise.withResolvers<void>();
    inbox.consume((claimed) => {
      claims.push(claimed);
      onClaim.resolve();
      return new Promise((resolve) => settle.push(() => resolve({ type: "done" })));
    });
    await onClaim.promise;
    onClaim = Promise.withResolvers();
    await kill();
    expect(claims[0]!.signal.aborted).toBe(true);
    settle[0]!();
    await restart();
    await clock.advance(1_000);
    await onClaim.promise;
    expect(claims[1]).toMatchObject({ key: claims[0]!.key, attempt: 0 });
    expect((await inbox.stats()).depth).toBe(1);
    settle[1]!();
    await clock.advance(0);
    expect((await inbox.stats()).depth).toBe(0);
  });

  it("does not keep the inbox from closing", async () => {
    const { inbox, kill } = await openKillable();
    await kill();
    await inbox.close();
    await expect(inbox.accept(eventOf("a"))).rejects.toMatchObject({ code: "INBOX_CLOSED" });
  });
});

describe("accepts that share a commit", () => {
  it("fail one by one: an item that cannot be stored takes no other with it", async () => {
    const inbox = await openIn(temporaryFolder());
    const poisoned = { ...eventOf("poison"), source: { kind: null as never, name: "acme" } };
    const items = [eventOf("a", "a"), eventOf("b"), poisoned, eventOf("c", "a"), eventOf("d")];
    const outcomes = await Promise.allSettled(items.map((item) => inbox.accept(item)));
    expect(outcomes).toMatchObject([
      { value: "fresh" },
      { value: "fresh" },
      { reason: { code: "INBOX_ITEM_INVALID", retryable: false } },
      { value: "duplicate" },
      { value: "fresh" },
    ]);
    expect(await inbox.stats()).toMatchObject({ depth: 3, bytes: 3 });
  });
});
