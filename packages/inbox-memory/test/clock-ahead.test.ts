import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { InMemoryInbox } from "../src/index.ts";

const source = { kind: "demo", name: "hook" };
const yearMs = 365 * 24 * 60 * 60_000;
const event = (id: string) => ({ type: "event", source, id, headers: {}, body: new Uint8Array(), receivedAtMs: 0 }) as const;

test("an event is handed out at once whose retry was planned years ahead", async () => {
  const clock = new FakeClock();
  const inbox = new InMemoryInbox({ clock });
  await inbox.accept(event("a"));
  clock.set(clock.now() + yearMs);
  const attempts: number[] = [];
  inbox.consume(async ({ attempt }) => {
    attempts.push(attempt);
    return attempt === 0 ? { type: "retry", afterMs: 1_000 } : { type: "done" };
  });
  await clock.advance(1);
  clock.set(clock.now() - yearMs);
  await clock.advance(2_000);
  expect(attempts).toEqual([0, 1]);
});

test("ids of a clock that was years ahead are forgotten", async () => {
  const clock = new FakeClock();
  const inbox = new InMemoryInbox({ clock });
  clock.set(clock.now() + yearMs);
  await inbox.accept(event("a"));
  clock.set(clock.now() - yearMs);
  expect(await inbox.accept(event("a"))).toBe("fresh");
  expect(await inbox.accept(event("a"))).toBe("duplicate");
});
