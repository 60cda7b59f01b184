import { ConfigInvalidError, parseConfig, type ParsedConfig } from "@statewave-connectors/config";
import { loadNamedConnector } from "@statewave-connectors/config/setup";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { readFlags, variablesOf } from "./read-flags.ts";
import { printError } from "../../terminal/print-error.ts";
import type { CommandContext } from "../command-context.ts";
import { serve } from "../run/run.ts";

export interface ListenOptions {
  readonly host: string;
  readonly port?: string;
  readonly path?: string;
  readonly statewaveUrl?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

/** Runs one receiver without a file: its options are flags and variables. Exit code 2 when one of them is wrong. */
export async function listen(
  context: CommandContext,
  named: string,
  flags: readonly string[],
  options: ListenOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  let parsed: ParsedConfig;
  try {
    parsed = await toConfig(context, named, flags, options);
  } catch (error) {
    // What a file has wrong, the arguments have wrong here.
    if (!isConnectorsError(error) || !error.code.startsWith("CONFIG_")) throw error;
    printError(terminal, error);
    return exitCode.usage;
  }
  const [push] = parsed.config.push;
  return serve(context, {
    ...parsed,
    banner({ description: { url = "" } }) {
      const address = `${url}${push?.path ?? ""}`;
      return options.json === true
        ? `${JSON.stringify({ kind: push?.kind, url: address, path: push?.path })}\n`
        : `statewave-connectors listen\n  ${push?.kind ?? named}: ${address}\n  health: ${url}/healthz\n  Ctrl-C to stop.\n`;
    },
  });
}

async function toConfig(
  context: CommandContext,
  named: string,
  flags: readonly string[],
  options: ListenOptions,
): Promise<ParsedConfig> {
  const { terminal, resolveFrom } = context;
  const { env, cwd } = terminal;
  const { connector } = await loadNamedConnector(named, { cwd, resolveFrom });
  const { kind, push } = connector;
  if (push === undefined) {
    const hint = `read it on a schedule: write [[pull.${kind}]] into a file, and start run`;
    throw new ConfigInvalidError(`listen ${named}`, [{ path: "", message: `${kind} takes no webhooks`, hint }]);
  }
  const read = readFlags(flags, kind, push.config, env);
  const path = options.path ?? `/${kind}/events`;
  const port = options.port ?? (env["PORT"] || "3000");
  const problems = [
    ...read.problems,
    ...(/^\d{1,5}$/.test(port) ? [] : [{ path: "--port", message: "is not a port", hint: "write a number from 0 to 65535" }]),
    ...(/^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)
      ? []
      : [{ path: "--path", message: "is not a path", hint: "write one such as /slack/events" }]),
    ...(options.statewaveUrl === undefined && (env["STATEWAVE_URL"] ?? "") === ""
      ? [{ path: "--statewave-url", message: "is required", hint: "pass it, or set STATEWAVE_URL; stdout: prints the episodes" }]
      : []),
    ...missing(kind, push.config, read.options),
  ];
  if (problems.length > 0) throw new ConfigInvalidError(`listen ${named}`, problems);
  const entry = { name: "main", ...read.options };
  const state = options.stateDir === undefined ? {} : { state_dir: options.stateDir, state: { kind: "file" } };
  const parsed = await parseConfig(
    {
      statewave: {
        url: options.statewaveUrl ?? "${STATEWAVE_URL}",
        api_key: "${STATEWAVE_API_KEY:-}",
        tenant_id: "${STATEWAVE_TENANT_ID:-}",
      },
      runner: { host: options.host, port: Number(port), ...state },
      push: { [kind]: [entry] },
    },
    { env, cwd, resolveFrom, connectors: [connector], name: `listen ${named}` },
  );
  const { config } = parsed;
  return { ...parsed, config: { ...config, push: config.push.map((each) => ({ ...each, path })) } };
}

/** A missing option is named as the flag and the variable that set it. */
function missing(kind: string, schema: unknown, options: Readonly<Record<string, unknown>>) {
  return describeOptions(schema)
    .filter(({ key, required }) => required && !Object.hasOwn(options, key))
    .map((option) => ({
      path: `--${option.key.replaceAll("_", "-")}`,
      message: "is required",
      hint: `pass it, or set ${variablesOf(kind, option).join(" or ")}`,
    }));
}
