#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Compiled code is kept between starts, so that the next one is sooner ready. In the user's own cache folder, not in Node's default under the
// temp dir, where anybody on the machine could put code for us to run. Where it cannot be written, nothing is kept.
enableCompileCache(join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "statewave-connectors"));

const { keepHeapSmall, processTerminal, runCli } = await import("@statewave-connectors/cli");
const { packageVersion } = await import("@statewave-connectors/connector-sdk");

keepHeapSmall();
process.exitCode = await runCli({
  args: process.argv.slice(2),
  version: packageVersion(import.meta.url),
  terminal: processTerminal,
  // Every adapter that this package brings is found from here.
  resolveFrom: [import.meta.url],
});
