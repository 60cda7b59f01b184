// What `npm start` runs: the real program on a configuration of examples/, with output for a first-time user.
import { keepHeapSmall, processTerminal, runCli, surviveLostOutput } from "@statewave-connectors/cli";
import { packageVersion } from "@statewave-connectors/connector-sdk/host";
import { quickstartConfig, quickstartVariables } from "./quickstart/environment.ts";
import { presentQuickstart } from "./quickstart/present.ts";

surviveLostOutput();
const args = process.argv.slice(2);
const hasConfig = args.some((arg) => arg === "-c" || arg.startsWith("--config"));
Object.assign(process.env, quickstartVariables(process.env));
const configPath = quickstartConfig(process.env);

process.umask(0o077);
keepHeapSmall();
process.exitCode = await runCli({
  args: ["run", ...(hasConfig ? args : ["--config", configPath, ...args])],
  version: packageVersion(new URL("./src/main.ts", import.meta.url).href),
  // npm runs scripts in the root of the repository; a path is meant from where the user stands.
  terminal: hasConfig ? { ...processTerminal, cwd: process.env["INIT_CWD"] ?? process.cwd() } : processTerminal,
  resolveFrom: [import.meta.url],
  calledAs: "npm run cli --",
  ...(hasConfig ? {} : { presentation: presentQuickstart(configPath, [import.meta.url]) }),
});
