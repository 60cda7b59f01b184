import { type Command, InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { CommandRegistration } from "../command-registration.ts";
import { exitCode } from "../../exit-code.ts";
import { toSourceKey } from "../to-source-key.ts";

interface ListenFlags {
  host: string;
  port?: string;
  path?: string;
  statewaveUrl?: string;
  stateDir?: string;
  json?: boolean;
}

interface HealthcheckFlags {
  host: string;
  port?: string;
  ready?: boolean;
  timeout: string;
  json?: boolean;
}

/** One receiver without a file, samples for any, and the probe of containers. */
export function addReceiverCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("listen"))
    .description("run one receiver without a file: its options are flags and variables")
    .usage("<connector> [options] [--<option of the connector> <value>]...")
    .argument("<connector>", "its kind, its package or its path, e.g. slack")
    .option("--host <host>", "the address to listen on", "0.0.0.0")
    .option("--port <port>", "the port (default: $PORT, or 3000)")
    .option("--path <path>", "where webhooks arrive (default: /<kind>/events)")
    .option("--statewave-url <url>", "the server, file:./episodes.jsonl or stdout: (default: $STATEWAVE_URL)")
    .option("--state-dir <folder>", "keeps accepted webhooks in files there; without it a crash loses them")
    .option("--json", "print where it listens as JSON")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText("after", listenHelp)
    .action(async (connector: string, options: ListenFlags, command: Command) => {
      const flags = command.args.slice(1);
      done(await (await import("./listen.ts")).listen(contextOf(command), connector, flags, options), "extra");
    });

  withConfig(program.command("simulate"))
    .description("send a receiver samples with the right signature: here, or to a runner; none is stored or delivered")
    .argument("<source>", "kind/name of a [[push.<kind>]] entry", toSourceKey)
    .option("--url <url>", "the address of a runner, such as its public one; default: the receiver is opened here")
    .option("--deliver", "leave the mark out by which a runner knows samples: they reach Statewave (default url: this machine)")
    .option("--sample <name>", "only the sample of this name")
    .option("--json", "print JSON lines")
    .action(
      async (
        source: SourceKey,
        options: { url?: string; deliver?: boolean; sample?: string; json?: boolean },
        command: Command,
      ) => done(await (await import("./simulate.ts")).simulateDeliveries(contextOf(command), source, options)),
    );

  program
    .command("healthcheck")
    .copyInheritedSettings(program)
    .description("exit with 0 when a runner answers, with 1 when it does not: for the health check of an image")
    .option("--host <host>", "where it listens", "127.0.0.1")
    .option("--port <port>", "its port (default: $PORT, or 3000)", toPort)
    .option("--ready", "whether it is ready for webhooks (/readyz), not only alive (/healthz)")
    .option("--timeout <ms>", "how long it has to answer, in milliseconds", "3000")
    .option("--json", "print whether it is healthy, and why not, as JSON")
    .action(async (_options, command: Command) => {
      const { checkHealth, readHealthcheckArgs } = await import("./healthcheck.ts");
      const { terminal } = contextOf(command);
      const { host, port, ready, timeout, json } = command.opts<HealthcheckFlags>();
      const args = [
        "--host",
        host,
        ...(port === undefined ? [] : ["--port", port]),
        ...(ready === true ? ["--ready"] : []),
        "--timeout",
        timeout,
      ];
      const options = readHealthcheckArgs(args, terminal.env);
      if (options === undefined) command.error("error: the port or the timeout is not a number that it can be");
      const fault = await checkHealth(options);
      if (json === true) terminal.stdout.write(`${JSON.stringify({ healthy: fault === undefined, reason: fault })}\n`);
      if (fault !== undefined) terminal.stderr.write(`error: ${fault}\n`);
      done(fault === undefined ? exitCode.ok : exitCode.failed);
    });
}

function toPort(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) throw new InvalidArgumentError("It is not a port.");
  return text;
}

const listenHelp = `
Every option of the connector is a flag, and is read from a variable where there is none: signing_secret of slack is --signing-secret or
$SLACK_SIGNING_SECRET. Lists are written with commas. $STATEWAVE_URL, $STATEWAVE_API_KEY and $STATEWAVE_TENANT_ID say where episodes go.

Examples:
  $ statewave-connectors listen slack --channels C01ABCDEF,C02XYZ123 --port 3000
  $ statewave-connectors listen github --statewave-url stdout: --secret 'a secret'`;
