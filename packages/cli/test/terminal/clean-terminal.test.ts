import { expect, test } from "vitest";
import { cleanTerminal } from "../../src/terminal/clean-terminal.ts";

test("clearing the screen leaves what was scrolled out of it, and moves nothing there", () => {
  let written = "";
  const output = { write: (text: string) => (written += text) };
  const terminal = { stdout: output, stderr: output, env: {}, cwd: "/", onSignal: () => () => undefined, exit: () => undefined };
  cleanTerminal(terminal).clear();
  expect(written).toBe("\u001b[H\u001b[J");
});
