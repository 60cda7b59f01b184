import { EventEmitter } from "node:events";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { type LogFields, silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { reportStrayRejections } from "../../src/process/report-stray-rejections.ts";

function watched() {
  const logged: LogFields[] = [];
  const logger: Logger = { ...silentLogger, error: (_, fields = {}) => void logged.push(fields) };
  const process = new EventEmitter();
  const clock = { nowMs: 0 };
  reportStrayRejections(process, logger, () => clock.nowMs);
  return { logged, clock, reject: (reason: unknown) => process.emit("unhandledRejection", reason) };
}

test("at most ten rejections in a minute are logged, and the next line has the number of the others", () => {
  const { logged, clock, reject } = watched();
  for (let count = 0; count < 1_000; count += 1) reject(new Error(`item ${count}`));
  expect(logged).toHaveLength(10);
  clock.nowMs = 60_000;
  reject(new Error("later"));
  reject(new Error("again"));
  expect(logged.slice(10)).toEqual([
    expect.objectContaining({ error: new Error("later"), not_logged: 990 }),
    expect.not.objectContaining({ not_logged: expect.anything() as unknown }),
  ]);
});

test("a rejection without an error is logged with one", () => {
  const { logged, reject } = watched();
  reject(undefined);
  expect(logged).toMatchObject([{ error: { code: "RUNNER_CONNECTOR_DEFECT" } }]);
});
