import { Secret } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { adminGate, type TokenGate } from "../../src/http/token-gate.ts";

function openGate(): { clock: FakeClock; world: { token: Secret }; gate: TokenGate } {
  const clock = new FakeClock();
  const world = { token: new Secret("right") };
  return { clock, world, gate: adminGate(() => world.token, clock) };
}

const peer = "192.0.2.1";

/** Sends different wrong tokens, with a wait wherever one is wanted; answers the waits in seconds. */
async function guess({ gate, clock }: ReturnType<typeof openGate>, count: number, from = peer): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let attempt = 0; attempt < count; attempt += 1) {
    const verdict = gate.check(`guess ${attempt}`, from);
    if (typeof verdict !== "object") continue;
    waits.push(verdict.retryAfterMs / 1_000);
    await clock.advance(verdict.retryAfterMs);
    gate.check(`guess ${attempt}`, from);
  }
  return waits;
}

describe("a sender of wrong tokens", () => {
  test("waits from the sixth on, twice as long each time, up to a minute", async () => {
    expect(await guess(openGate(), 14)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("cannot try the right one while it waits, and can afterwards", async () => {
    const { gate, clock } = openGate();
    for (let attempt = 0; attempt < 5; attempt += 1) expect(gate.check(`guess ${attempt}`, peer)).toBe("wrong");
    expect(gate.check("right", peer)).toEqual({ retryAfterMs: 1_000 });
    await clock.advance(1_000);
    expect(gate.check("right", peer)).toBe("right");
  });

  test("holds up no other address, but all of its IPv6 network", async () => {
    const opened = openGate();
    await guess(opened, 6);
    opened.gate.check("one more", peer);
    expect(opened.gate.check("right", "192.0.2.2")).toBe("right");
    for (let host = 1; host <= 5; host += 1) opened.gate.check(`guess ${host}`, `2001:db8:0:7:a:b:c:${host}`);
    expect(opened.gate.check("right", "2001:db8:0:7:a:b:c:9")).toEqual({ retryAfterMs: 1_000 });
    expect(opened.gate.check("right", "2001:db8:0:8:a:b:c:9")).toBe("right");
  });

  test("is in one IPv6 network, however its zeros are written", () => {
    const { gate } = openGate();
    for (let host = 1; host <= 5; host += 1) expect(gate.check(`guess ${host}`, `2600:3c03::${host}:b:c:d`)).toBe("wrong");
    expect(gate.check("right", "2600:3c03::9:b:c:d")).toEqual({ retryAfterMs: 1_000 });
    expect(gate.check("right", "2600:3c03::1:0:b:c:d")).toBe("right");
  });

  test("whose address is not known holds up no other", () => {
    const { gate } = openGate();
    for (let attempt = 0; attempt < 20; attempt += 1) expect(gate.check(`guess ${attempt}`, "")).toBe("wrong");
    expect(gate.check("right", "")).toBe("right");
  });

  test("that repeats an outdated token shuts no other out", () => {
    const { gate, world } = openGate();
    world.token = new Secret("new");
    for (let attempt = 0; attempt < 100; attempt += 1) expect(gate.check("right", peer)).toBe("wrong");
    expect(gate.check("new", peer)).toBe("right");
  });

  test("is forgotten after a quarter of an hour", async () => {
    const { gate, clock } = openGate();
    for (let attempt = 0; attempt < 4; attempt += 1) gate.check(`guess ${attempt}`, peer);
    await clock.advance(15 * 60_000);
    for (let attempt = 4; attempt < 8; attempt += 1) expect(gate.check(`guess ${attempt}`, peer)).toBe("wrong");
    expect(gate.check("right", peer)).toBe("right");
  });

  test("is remembered beside 999 others", () => {
    const { gate } = openGate();
    for (let attempt = 0; attempt < 5; attempt += 1) gate.check(`guess ${attempt}`, peer);
    for (let other = 0; other < 999; other += 1) gate.check("guess", `10.0.${other >> 8}.${other & 255}`);
    expect(gate.check("right", peer)).toEqual({ retryAfterMs: 1_000 });
    gate.check("guess", "10.9.9.9");
    expect(gate.check("right", peer)).toBe("right");
  });
});
