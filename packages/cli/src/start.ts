import { keepHeapSmall } from "./keep-heap-small.ts";
import { runCli } from "./program.ts";
import { processTerminal, surviveLostOutput } from "./terminal.ts";
import { version } from "./version.ts";

// Only this user may read the files that this program and its parts create.
process.umask(0o077);
surviveLostOutput();
keepHeapSmall();
process.exitCode = await runCli({
  args: process.argv.slice(2),
  version,
  terminal: processTerminal,
  resolveFrom: [import.meta.url],
});
