import { expect, test } from "vitest";
import { HealthOfParts, type SourceHealth } from "../../src/index.ts";

const loss = (code: string) => ({ ok: false, code, message: `${code} happened`, hint: "mend it" }) as const;

function parts() {
  const told: SourceHealth[] = [];
  return { told, health: new HealthOfParts((health) => told.push(health)) };
}

test("a sign of life from before a part was lost, or from another part, proves nothing", () => {
  const { told, health } = parts();
  health.lose("T1", { health: loss("GONE"), untilMs: 1_000 });
  health.signOfLife("T1", 1_000);
  health.signOfLife("T2", 2_000);
  expect(told).toEqual([loss("GONE")]);
  expect(health.isWhole).toBe(false);
});

test("a later sign of life makes it well again, once", () => {
  const { told, health } = parts();
  health.lose("T1", { health: loss("GONE"), untilMs: 1_000 });
  health.signOfLife("T1", 1_001);
  health.signOfLife("T1", 1_002);
  health.recover("T1");
  expect(told).toEqual([loss("GONE"), { ok: true }]);
  expect(health.isWhole).toBe(true);
});

test("a source is unhealthy until its last lost part is well, and reports the latest loss that is left", () => {
  const { told, health } = parts();
  health.lose("T1", { health: loss("ONE"), untilMs: 0 });
  health.lose("T2", { health: loss("TWO"), untilMs: 0 });
  health.recover("T2");
  health.recover("T1");
  expect(told).toEqual([loss("ONE"), loss("TWO"), loss("ONE"), { ok: true }]);
});

test("a part that is lost anew needs a sign of life later than that", () => {
  const { told, health } = parts();
  health.lose("T1", { health: loss("ONE"), untilMs: 1_000 });
  health.lose("T1", { health: loss("TWO"), untilMs: 9_000 });
  health.signOfLife("T1", 5_000);
  expect(told.at(-1)).toEqual(loss("TWO"));
});

test("remembers at most a thousand lost parts", () => {
  const { told, health } = parts();
  for (let part = 0; part < 1_500; part += 1) health.lose(`T${part}`, { health: loss("GONE"), untilMs: 0 });
  for (let part = 0; part < 1_000; part += 1) health.recover(`T${part}`);
  expect(told.at(-1)).toEqual({ ok: true });
});
