import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { Answers } from "../../src/health/stores/answers.ts";
import { StoresAtStop } from "../../src/lifecycle/stores-at-stop.ts";

const never = () => new Promise<never>(() => undefined);
const atOnce = () => Promise.resolve();
const timedOut = () => Promise.reject(new ConnectorsError({ code: "STORE_UNAVAILABLE", message: "no answer", retryable: true }));

function stopping({ store = atOnce, inbox = atOnce, clock = new FakeClock(), storeAnswers = new Answers(clock) } = {}) {
  const inboxAnswers = new Answers(clock);
  const stores = new StoresAtStop({
    stores: {
      cursor_store: { answers: storeAnswers, ask: () => storeAnswers.watch(store()) },
      inbox: { answers: inboxAnswers, ask: () => inboxAnswers.watch(inbox()) },
    },
    clock,
    logger: silentLogger,
  });
  onTestFinished(() => stores.close());
  const signals = {
    pulls: stores.drained("cursor_store", new AbortController().signal),
    events: stores.drained("inbox", new AbortController().signal),
  };
  return { clock, stores, ...signals };
}

describe("a stop", () => {
  it.each([
    ["never answers", never],
    ["fails", timedOut],
  ])("gives up a store that %s for 5 s, and continues with what needs only the other", async (_, store) => {
    const { clock, stores, pulls, events } = stopping({ store });
    const waited: string[] = [];
    void stores.settled("cursor_store", never()).then(() => waited.push("pulls"));
    void stores.settled("inbox", never()).then(() => waited.push("events"));
    await clock.advance(4_900);
    expect(pulls.aborted).toBe(false);
    await clock.advance(350);
    expect(pulls.aborted).toBe(true);
    await clock.advance(60_000);
    expect(waited).toEqual(["pulls"]);
    expect(events.aborted).toBe(false);
  });

  it("gives up a store within seconds that was silent before, unless it answers now", async () => {
    for (const [store, isGivenUp] of [
      [never, true],
      [atOnce, false],
    ] as const) {
      const clock = new FakeClock();
      const storeAnswers = new Answers(clock);
      void storeAnswers.watch(never());
      await clock.advance(20_000);
      const { pulls } = stopping({ store, clock, storeAnswers });
      await clock.advance(1_250);
      expect(pulls.aborted).toBe(isGivenUp);
    }
  });

  it("waits for a store that is only slow, however long", async () => {
    const clock = new FakeClock();
    const slow = () => new Promise<void>((resolve) => clock.after(4_000, resolve));
    const { stores, pulls, events } = stopping({ store: slow, inbox: slow, clock });
    await clock.advance(120_000);
    expect(pulls.aborted || events.aborted).toBe(false);
    let ended = false;
    stores.limitClosing(() => (ended = true));
    await clock.advance(60_000);
    expect(ended).toBe(false);
  });

  it("closes in a second what would wait for the answer of a silent store", async () => {
    const { clock, stores } = stopping({ inbox: never });
    await clock.advance(6_000);
    let ended = false;
    stores.limitClosing(() => (ended = true));
    await clock.advance(1_000);
    expect(ended).toBe(true);
  });

  it("leaves no timer behind", async () => {
    const { clock, stores } = stopping({ store: never });
    await clock.advance(500);
    stores.close();
    expect(clock.pending).toBe(0);
  });
});

describe("a store", () => {
  it("is not silent while it refuses requests", async () => {
    const clock = new FakeClock();
    const answers = new Answers(clock);
    const full = new ConnectorsError({ code: "INBOX_FULL", message: "full", retryable: true });
    await answers.watch(Promise.reject(full)).catch(() => undefined);
    await clock.advance(10_000);
    expect(answers.silentMs).toBe(0);
    await answers.watch(timedOut()).catch(() => undefined);
    await clock.advance(10_000);
    expect(answers.silentMs).toBe(10_000);
  });
});
