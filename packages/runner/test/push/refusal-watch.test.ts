import type { Refusal } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { RefusalWatch } from "../../src/push/refusal-watch.ts";
import { SourceHealths } from "../../src/health/sources/source-healths.ts";
import { keepingLogger } from "../health/logging.ts";

const source = { kind: "slack", name: "team" };
const invalid: Refusal = { reason: "signature_invalid", hint: "set `signing_secret` to the secret that the sender signs with" };

function watched({ isProven = false } = {}) {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  const healths = new SourceHealths({ clock, logger });
  const health = healths.of("push", source);
  const watch = new RefusalWatch({ source, health, isProven: () => isProven, clock, logger });
  const refuse = (refusal: Refusal, times: number) => {
    for (let time = 0; time < times; time += 1) watch.refused(refusal);
  };
  const warnings = () => lines.filter(({ message }) => message === "webhooks are refused").map(({ fields }) => fields);
  return { clock, health, lines, watch, refuse, warnings };
}

test("a cause is logged once, and again each hour with how often it happened since", async () => {
  const { clock, refuse, warnings } = watched();
  refuse({ reason: "signature_missing" }, 40);
  refuse(invalid, 1);
  expect(warnings()).toMatchObject([
    { source: "slack/team", reason: "signature_missing", refused: 1 },
    { reason: "signature_invalid", refused: 1, hint: invalid.hint },
  ]);
  await clock.advance(60 * 60_000);
  refuse({ reason: "signature_missing" }, 3);
  expect(warnings().slice(2)).toMatchObject([{ reason: "signature_missing", refused: 40 }]);
});

describe("the source is unhealthy", () => {
  test("after five refusals of what looks signed, until something genuine arrives", () => {
    const { health, lines, refuse, watch } = watched();
    refuse(invalid, 4);
    expect(health.state.status).toBe("unknown");
    refuse(invalid, 8);
    expect(health.state).toMatchObject({ status: "unhealthy", code: "PUSH_SIGNATURE_INVALID", hint: invalid.hint });
    expect(lines.filter(({ message }) => message === "a source is unhealthy")).toHaveLength(1);
    watch.verified();
    expect(health.state).toEqual({ status: "ok" });
  });

  test("of a receiver that has worked before, after refusals in five different minutes", async () => {
    const { clock, health, refuse, watch } = watched({ isProven: true });
    for (let minute = 0; minute < 4; minute += 1) {
      refuse(invalid, 50);
      await clock.advance(60_000);
    }
    expect(health.state.status).toBe("unknown");
    refuse(invalid, 1);
    expect(health.state).toMatchObject({
      code: "PUSH_SIGNATURE_INVALID",
      message: expect.stringContaining("the last 201 were signed with another secret"),
    });
    watch.verified();
    expect(health.state).toEqual({ status: "ok" });
  });

  test("of a receiver that is new and called once a day, too", async () => {
    const { clock, health, refuse } = watched();
    for (let day = 0; day < 5; day += 1) {
      refuse(invalid, 1);
      await clock.advance(24 * 60 * 60_000);
    }
    expect(health.state).toMatchObject({ status: "unhealthy", code: "PUSH_SIGNATURE_INVALID" });
  });

  test("with the skew of the clock in seconds, in both directions", () => {
    for (const [skewMs, words] of [
      [312_400, "this machine's clock is 312 s ahead of the sender's"],
      [-3_600_000, "this machine's clock is 3600 s behind the sender's"],
    ] as const) {
      const { health, refuse, warnings } = watched();
      refuse({ reason: "timestamp_stale", skewMs }, 5);
      expect(health.state).toMatchObject({ code: "PUSH_CLOCK_SKEWED", message: expect.stringContaining(words) });
      expect(warnings()).toMatchObject([{ clock_skew_s: Math.round(skewMs / 1000), detail: words }]);
    }
  });
});

describe("the source stays as it is", () => {
  test.each([{ reason: "signature_missing" }, { reason: "signature_malformed" }, { reason: "other" }] as const)(
    "whatever a scanner sends: $reason",
    (refusal) => {
      const { health, refuse, warnings } = watched();
      refuse(refusal, 1_000);
      expect(health.state.status).toBe("unknown");
      expect(warnings()).toHaveLength(1);
    },
  );

  test.each([
    [false, 9],
    [true, 5_000],
  ])("when a stranger forges some signatures at once (has worked before: %s, %i of them)", (isProven, times) => {
    const { health, refuse, warnings } = watched({ isProven });
    refuse(invalid, times);
    expect(health.state.status).toBe("unknown");
    expect(warnings()).toHaveLength(1);
  });

  test("when a late webhook with a right signature comes between forged ones", async () => {
    const { clock, health, refuse } = watched({ isProven: true });
    for (let minute = 0; minute < 8; minute += 1) {
      refuse(invalid, 1);
      if (minute === 3) refuse({ reason: "timestamp_stale", skewMs: 400_000 }, 1);
      await clock.advance(60_000);
    }
    expect(health.state.status).toBe("unknown");
  });

  test("while genuine webhooks arrive between forged ones", () => {
    const { health, refuse, watch } = watched();
    for (let round = 0; round < 10; round += 1) {
      refuse(invalid, 4);
      watch.verified();
    }
    expect(health.state).toEqual({ status: "ok" });
  });
});
