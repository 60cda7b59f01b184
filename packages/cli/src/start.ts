import { answerEarly } from "./answer-early.ts";
import { holdSignals } from "./hold-signals.ts";
import { version } from "./version.ts";

const args = process.argv.slice(2);
const takeHeldSignals = holdSignals(args);
// Only this user may read the files that this program and its parts create.
process.umask(0o077);

process.exitCode = (await answerEarly(args, process.env, version)) ?? (await runProgram());

async function runProgram(): Promise<number> {
  const { keepHeapSmall } = await import("./process/keep-heap-small.ts");
  const { runCli } = await import("./program.ts");
  const { surviveLostOutput, terminalHolding } = await import("./process/process-terminal.ts");
  surviveLostOutput();
  keepHeapSmall();
  return runCli({ args, version, terminal: terminalHolding(takeHeldSignals), resolveFrom: [import.meta.url] });
}
