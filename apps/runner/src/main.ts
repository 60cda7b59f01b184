#!/usr/bin/env node
import { processTerminal, runCli } from "@statewave-connectors/cli";
import { packageVersion } from "@statewave-connectors/connector-sdk";

process.exitCode = await runCli({
  args: process.argv.slice(2),
  version: packageVersion(import.meta.url),
  terminal: processTerminal,
  // Every adapter that this package brings is found from here.
  resolveFrom: [import.meta.url],
});
