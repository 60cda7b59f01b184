// What `npm run cli -- <command>` runs: the real program from the sources. If there is no configuration, it uses that of the quickstart.
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { compileCacheFolder } from "./src/compile-cache-folder.ts";

// Sources without their types are kept between starts, by their content: what was changed takes effect at once.
const cacheFolder = compileCacheFolder(process.env, process.getuid?.());
if (cacheFolder !== undefined) enableCompileCache(cacheFolder);
const { keepHeapSmall, processTerminal, runCli, surviveLostOutput } = await import("@statewave-connectors/cli");
const { quickstartConfig, quickstartVariables } = await import("./quickstart/environment.ts");
const { packageVersion } = await import("@statewave-connectors/connector-sdk/host");

surviveLostOutput();
const args = process.argv.slice(2);
const env = process.env;
// npm runs scripts in the root of the repository; paths are relative to the folder where the user called npm.
const cwd = env["INIT_CWD"] ?? process.cwd();
const ownFiles = [
  join(cwd, "statewave-connectors.toml"),
  join(env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "/", ".config"), "statewave-connectors/config.toml"),
];
const hasConfig = Boolean(env["STATEWAVE_CONNECTORS_CONFIG"]) || ownFiles.some((file) => existsSync(file));

process.umask(0o077);
keepHeapSmall();
process.exitCode = await runCli({
  args,
  version: packageVersion(new URL("./src/main.ts", import.meta.url).href),
  terminal: {
    ...processTerminal,
    cwd,
    env: hasConfig ? env : { ...env, ...quickstartVariables(env), STATEWAVE_CONNECTORS_CONFIG: quickstartConfig(env) },
  },
  resolveFrom: [import.meta.url],
  calledAs: "npm run cli --",
});
