import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { EventReport } from "../../src/push/event-report.ts";
import { keepingLogger } from "../health/logging.ts";

const hook = { kind: "demo", name: "hook" };

function reporting() {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  return { clock, lines, report: new EventReport({ clock, logger }) };
}

test("settled events are logged as one line a source in two seconds, with the outcome of their episodes", async () => {
  const { clock, lines, report } = reporting();
  report.processed(hook, { delivered: 0, buried: 1, skipped: 0, failed: 0 });
  report.processed(hook, { delivered: 2, buried: 1, skipped: 3, failed: 0 });
  report.processed({ kind: "demo", name: "other" }, { delivered: 1, buried: 0, skipped: 0, failed: 0 });
  await clock.advance(2_000);
  expect(lines.map(({ message, fields }) => [message, fields])).toEqual([
    ["events processed", { source: "demo/hook", events: 2, delivered: 2, buried: 2, skipped: 3 }],
    ["events processed", { source: "demo/other", events: 1, delivered: 1, buried: 0, skipped: 0 }],
  ]);
});

test("a stop logs what is not logged yet, once", async () => {
  const { clock, lines, report } = reporting();
  report.processed(hook, { delivered: 1, buried: 0, skipped: 0, failed: 0 });
  report.flush();
  await clock.advance(10_000);
  expect(lines).toHaveLength(1);
});
