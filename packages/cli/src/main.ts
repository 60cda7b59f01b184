#!/usr/bin/env node
import { keepHeapSmall } from "./keep-heap-small.ts";
import { runCli } from "./program.ts";
import { processTerminal } from "./terminal.ts";
import { version } from "./version.ts";

keepHeapSmall();
process.exitCode = await runCli({
  args: process.argv.slice(2),
  version,
  terminal: processTerminal,
  resolveFrom: [import.meta.url],
});
