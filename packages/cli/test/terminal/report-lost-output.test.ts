import { expect, test } from "vitest";
import { exitCode } from "../../src/exit-code.ts";
import { reportLostOutput } from "../../src/terminal/report-lost-output.ts";

function report(code: 0 | 1 | 10, systemCode: string | undefined) {
  let stderr = "";
  const failure = systemCode === undefined ? undefined : Object.assign(new Error(`${systemCode}: write`), { code: systemCode });
  const terminal = { stderr: { write: (text: string) => (stderr += text) }, outputFailure: () => failure };
  return reportLostOutput(terminal, code).then((ended) => ({ ended, isReported: stderr.includes("[RUNNER_OUTPUT_LOST]") }));
}

test("output that a full disk has swallowed is reported, whatever the command found, and its own code stays", async () => {
  expect(await report(exitCode.ok, "ENOSPC")).toEqual({ ended: exitCode.failed, isReported: true });
  expect(await report(1, "ENOSPC")).toEqual({ ended: 1, isReported: true });
  expect(await report(10, "EIO")).toEqual({ ended: 10, isReported: true });
});

test("a reader that has ended is no failure", async () => {
  for (const code of [0, 1, 10] as const) expect(await report(code, "EPIPE")).toEqual({ ended: code, isReported: false });
  expect(await report(10, undefined)).toEqual({ ended: 10, isReported: false });
});
