import { getEventListeners } from "node:events";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { askWithin } from "../../src/deadline/ask-within.ts";
import { Deadline, timeIsOver } from "../../src/deadline/deadline.ts";
import { withDeadline } from "../../src/deadline/with-deadline.ts";
import { within } from "../../src/deadline/within.ts";

const timeoutMs = 1_000;
const reason = () => new Error("too late");
const never = new Promise<never>(() => undefined);

describe("a deadline", () => {
  test("aborts when its time is over, for its reason", async () => {
    const clock = new FakeClock();
    const { signal } = new Deadline({ clock, timeoutMs, reason }).start();
    await clock.advance(timeoutMs - 1);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.reason).toEqual(new Error("too late"));
  });

  test("without a reason of its own looks like an ordinary abort", async () => {
    const clock = new FakeClock();
    const { signal } = new Deadline({ clock, timeoutMs }).start();
    await clock.advance(timeoutMs);
    expect(signal.reason).toBe(timeIsOver);
    expect(timeIsOver.name).toBe("AbortError");
  });

  test("does not count the time between pause and resume, and counts anew from start", async () => {
    const clock = new FakeClock();
    const deadline = new Deadline({ clock, timeoutMs }).start();
    await clock.advance(900);
    deadline.pause();
    await clock.advance(60_000);
    deadline.resume();
    await clock.advance(99);
    expect(deadline.signal.aborted).toBe(false);
    deadline.start();
    await clock.advance(timeoutMs - 1);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(deadline.signal.aborted).toBe(true);
  });

  test("aborts with the signal it is linked to, also with one that is aborted already", () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const deadline = new Deadline({ clock, timeoutMs, signal: parent.signal }).start();
    parent.abort("over");
    expect([deadline.signal.reason, new Deadline({ clock, timeoutMs, signal: parent.signal }).signal.reason]).toEqual([
      "over",
      "over",
    ]);
  });

  test("that ended aborts no more, and leaves nothing on the signal it was linked to", async () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const deadline = new Deadline({ clock, timeoutMs, signal: parent.signal }).start();
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(1);
    deadline.end();
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
    parent.abort();
    await clock.advance(2 * timeoutMs);
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe("work within a deadline", () => {
  test("resolves with its result, or rejects with its error", async () => {
    const clock = new FakeClock();
    await expect(within({ clock, timeoutMs }, async () => 7)).resolves.toBe(7);
    await expect(within({ clock, timeoutMs }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  test("that ignores its signal is not waited for", async () => {
    const clock = new FakeClock();
    const late = within({ clock, timeoutMs, reason }, () => never);
    await Promise.all([expect(late).rejects.toThrow("too late"), clock.advance(timeoutMs)]);
  });

  test("that throws an error of its own when its signal aborts still ends for the deadline's reason", async () => {
    const clock = new FakeClock();
    const heeding = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const late = within({ clock, timeoutMs, reason }, heeding);
    await Promise.all([expect(late).rejects.toThrow("too late"), clock.advance(timeoutMs)]);
  });

  test("does not begin when the signal is aborted already", async () => {
    let hasBegun = false;
    const work = within({ clock: new FakeClock(), timeoutMs, signal: AbortSignal.abort("over") }, async () => {
      hasBegun = true;
    });
    await expect(work).rejects.toBe("over");
    expect(hasBegun).toBe(false);
  });

  test("is waited for after the deadline where the caller says so", async () => {
    const clock = new FakeClock();
    const end = Promise.withResolvers<string>();
    const work = withDeadline({ clock, timeoutMs }, async (signal) => `${await end.promise} ${signal.aborted}`);
    await clock.advance(timeoutMs);
    end.resolve("done");
    await expect(work).resolves.toBe("done true");
  });
});

describe("a request with a time limit", () => {
  test("is shared by its callers while it hangs", async () => {
    const clock = new FakeClock();
    let requests = 0;
    const ask = askWithin(
      () => {
        requests += 1;
        return never;
      },
      timeoutMs,
      clock,
    );
    for (const answer of [ask(), ask()]) {
      await clock.advance(timeoutMs);
      await expect(answer).resolves.toBeUndefined();
    }
    const later = ask();
    await clock.advance(timeoutMs);
    await expect(later).resolves.toBeUndefined();
    expect(requests).toBe(1);
  });

  test("counts as unanswered when it fails, and is made anew", async () => {
    const answers = [() => Promise.reject(new Error("down")), async () => 3];
    const ask = askWithin(async () => answers.shift()?.(), timeoutMs, new FakeClock());
    expect([await ask(), await ask()]).toEqual([undefined, 3]);
  });
});
