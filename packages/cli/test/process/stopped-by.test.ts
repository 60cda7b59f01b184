import { expect, test } from "vitest";
import { printError } from "../../src/terminal/print-error.ts";
import { stoppedBy } from "../../src/process/stopped-by.ts";

test.each(["SIGINT", "SIGTERM"] as const)("a command that %s stops says so in a line, and shows no stack", (signal) => {
  const written: string[] = [];
  printError({ stderr: { write: (text: string) => written.push(text) > 0 } }, stoppedBy(signal));
  expect(written).toEqual([`error: stopped by ${signal} [RUNNER_STOPPING]\n`]);
});
