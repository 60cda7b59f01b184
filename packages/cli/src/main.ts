#!/usr/bin/env node
import { packageVersion } from "@statewave-connectors/connector-sdk";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { runCli } from "./program.ts";
import { processTerminal } from "./terminal.ts";

keepHeapSmall();
process.exitCode = await runCli({
  args: process.argv.slice(2),
  version: packageVersion(import.meta.url),
  terminal: processTerminal,
  resolveFrom: [import.meta.url],
});
