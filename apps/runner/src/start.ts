import { enableCompileCache } from "node:module";
import { answerEarly } from "@statewave-connectors/cli/answer-early";
import { holdSignals } from "@statewave-connectors/cli/hold-signals";
import { compileCacheFolder } from "./compile-cache-folder.ts";
import { version } from "./version.ts";

const args = process.argv.slice(2);
const takeHeldSignals = holdSignals(args);
// Only this user may read the files that this program and its parts create.
process.umask(0o077);

process.exitCode = (await answerEarly(args, process.env, version)) ?? (await runProgram());

async function runProgram(): Promise<number> {
  // Compiled code is kept between starts, so that the next one is ready sooner.
  const cacheFolder = compileCacheFolder(process.env, process.getuid?.());
  if (cacheFolder !== undefined) enableCompileCache(cacheFolder);
  const { keepHeapSmall, runCli, surviveLostOutput, terminalHolding } = await import("@statewave-connectors/cli");
  surviveLostOutput();
  keepHeapSmall();
  return runCli({
    args,
    version,
    terminal: terminalHolding(takeHeldSignals),
    // Where the adapters that this package depends on are found.
    resolveFrom: [import.meta.url],
  });
}
