// What `npm start` runs: the real program on a configuration of examples/, with a few lines for someone who sees it the first time.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { keepHeapSmall, processTerminal, runCli, surviveLostOutput } from "@statewave-connectors/cli";
import { packageVersion } from "@statewave-connectors/connector-sdk";

surviveLostOutput();
const args = process.argv.slice(2);
const hasConfig = args.some((arg) => arg === "-c" || arg.startsWith("--config"));
const example = process.env["GITHUB_REPO"] ? "quickstart-with-github.toml" : "quickstart.toml";
const config = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));

// A cursor stands for what one sink has: each sink gets a state of its own, so that a new one gets everything.
if (process.env["STATEWAVE_URL"]) {
  const sink = createHash("sha256").update(process.env["STATEWAVE_URL"]).digest("hex").slice(0, 8);
  process.env["QUICKSTART_STATE_DIR"] ||= `../var/quickstart/sink-${sink}`;
}

if (!hasConfig) {
  const sink = process.env["STATEWAVE_URL"] ?? "var/quickstart/episodes.jsonl";
  process.stdout.write(`
Quickstart: this repository's documents become episodes, and so does every webhook you send.

  episodes arrive in   ${sink}
  send a Slack sample  node examples/send-slack-sample.mjs
  use your Statewave   STATEWAVE_URL=http://… STATEWAVE_API_KEY=… npm start
  add a repository     GITHUB_REPO=owner/name GITHUB_TOKEN=… npm start
  use your own file    npm start -- --config ./statewave-connectors.toml

`);
}

process.umask(0o077);
keepHeapSmall();
process.exitCode = await runCli({
  args: ["run", ...(hasConfig ? args : ["--config", config, ...args])],
  version: packageVersion(new URL("./src/main.ts", import.meta.url).href),
  terminal: processTerminal,
  resolveFrom: [import.meta.url],
});
