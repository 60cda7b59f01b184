import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, it } from "vitest";
import { eventOf, openIn, temporaryFolder } from "./temporary-folder.ts";

const decadeMs = 9 * 365 * 24 * 60 * 60_000;
const hourMs = 60 * 60_000;

it.each([40 * 24 * hourMs, decadeMs])(
  "hands out an event at once whose retry was planned while the clock was %d ms ahead",
  async (byMs) => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    clock.set(clock.now() + byMs);
    const before = await openIn(folder, {}, { clock });
    await before.accept(eventOf("a"));
    const failed = Promise.withResolvers<void>();
    const failing = before.consume(async () => {
      failed.resolve();
      return { type: "retry", afterMs: hourMs };
    });
    await failed.promise;
    await failing.stop(new AbortController().signal);
    await before.close();
    clock.set(clock.now() - byMs);

    const inbox = await openIn(folder, {}, { clock });
    const handled = Promise.withResolvers<number>();
    const consumer = inbox.consume(async ({ attempt }) => {
      handled.resolve(attempt);
      return { type: "done" };
    });
    expect(await handled.promise).toBe(1);
    await consumer.stop(new AbortController().signal);
    expect((await inbox.stats()).depth).toBe(0);
  },
);

it.each([
  [hourMs, "duplicate"],
  [decadeMs, "fresh"],
])("an id that was accepted while the clock was %d ms ahead is a %s afterwards, and then a duplicate", async (byMs, expected) => {
  const clock = new FakeClock();
  const inbox = await openIn(temporaryFolder(), {}, { clock });
  clock.set(clock.now() + byMs);
  expect(await inbox.accept(eventOf("a", "id-1"))).toBe("fresh");
  clock.set(clock.now() - byMs);
  expect(await inbox.accept(eventOf("a", "id-1"))).toBe(expected);
  expect(await inbox.accept(eventOf("a", "id-1"))).toBe("duplicate");
});
