import { expect, test } from "vitest";
import { IdleSignals } from "../../src/process/idle-signals.ts";

test("a signal that arrives while the configuration is loading is handled as soon as the runner can log it", () => {
  const listeners: ((signal: NodeJS.Signals, isTerminalGone: boolean) => void)[] = [];
  const signals = new IdleSignals({ onIdleSignal: (listener) => void listeners.push(listener) });
  const handled: unknown[] = [];
  for (const listener of listeners) listener("SIGHUP", false);
  signals.handle((...signal) => handled.push(signal));
  for (const listener of listeners) listener("SIGUSR2", true);
  expect(handled).toEqual([
    ["SIGHUP", false],
    ["SIGUSR2", true],
  ]);
});
