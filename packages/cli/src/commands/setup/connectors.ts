import { didYouMean } from "@statewave-connectors/config";
import { knownAdapters, type KnownConnector } from "@statewave-connectors/config/adapters";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";
import { type ConnectorAbilities, inspectConnector } from "@statewave-connectors/runner/tools";
import { oneLine } from "../../terminal/clean-terminal.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { jsonRights, rightsLines } from "../../terminal/print-findings.ts";
import type { CommandContext } from "../command-context.ts";

/** Lists the connectors that a file may name here. Exit code 1 when one cannot be loaded, 2 for a kind that is not installed. */
export async function listConnectors(
  context: CommandContext,
  kinds: readonly string[],
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const { terminal, resolveFrom, configOptions } = context;
  const { connectors } = await knownAdapters({ ...configOptions, resolveFrom });
  const installed = connectors.map(({ kind }) => kind);
  const unknown = kinds.filter((kind) => !installed.includes(kind));
  for (const kind of unknown)
    terminal.stderr.write(`error: no connector "${kind}" is installed\nhint: ${hintFor(kind, installed)}\n`);
  if (unknown.length > 0) return exitCode.usage;
  const chosen = connectors.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  if (chosen.length === 0 && options.json !== true) terminal.stdout.write(`no connector is installed\n${installLine}`);
  for (const known of chosen) terminal.stdout.write(await describe(known, context, options.json === true));
  return chosen.every(({ error }) => error === undefined) ? exitCode.ok : exitCode.failed;
}

const installLine = "hint: npm install @statewave-connectors/connector-<kind>, with the kind of your source\n";

function hintFor(kind: string, installed: readonly string[]): string {
  const meant = didYouMean(kind, installed);
  return meant === undefined
    ? `npm install @statewave-connectors/connector-${kind}, if there is such a package`
    : `did you mean ${meant}?`;
}

async function describe(
  { kind, connector, error, override }: KnownConnector,
  context: CommandContext,
  json: boolean,
): Promise<string> {
  if (connector === undefined) {
    const [code, message, hint] = [error?.code, error?.message ?? "it cannot be loaded", error?.hint];
    if (json) return jsonLine({ kind, package: override, error: { code, message, hint } });
    return `FAIL ${kind}: ${oneLine(message)} [${code}]\n${hint === undefined ? "" : `     hint: ${oneLine(hint)}\n`}`;
  }
  const abilities = await inspectConnector(connector, context.terminal.cwd);
  return json ? toJson(connector, abilities, override) : toText(connector, abilities);
}

const directions = ["pull", "push"] as const;

function toText(connector: Connector, { capabilities, isWhole }: ConnectorAbilities): string {
  const lines = directions.flatMap((direction) => {
    const declaration = connector[direction];
    if (declaration === undefined) return [];
    const able = capabilities.filter((each) => each.startsWith(`${direction}.`)).map((each) => each.slice(direction.length + 1));
    return [
      `${[`     ${direction}`, ...(able.length > 0 ? [able.join(", ")] : [])].join(": ")}\n${rightsLines(declaration.rights ?? [])}`,
    ];
  });
  const rest = isWhole ? "" : "     more may be possible: it shows when an entry is configured\n";
  return `${connector.kind} ${oneLine(connector.version)}\n${lines.join("")}${rest}`;
}

function toJson(connector: Connector, { capabilities, isWhole }: ConnectorAbilities, override: string | undefined): string {
  const parts = directions.flatMap((direction) => {
    const declaration = connector[direction];
    if (declaration === undefined) return [];
    const options = describeOptions(declaration.config).map(({ key, type, required, secret, defaultText, description }) => ({
      key,
      type,
      required,
      secret,
      default: defaultText,
      description,
    }));
    return [[direction, { rights: jsonRights(declaration.rights ?? []), options }] as const];
  });
  const { kind, version } = connector;
  return jsonLine({ kind, version, package: override, capabilities, complete: isWhole, ...Object.fromEntries(parts) });
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
