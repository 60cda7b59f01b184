import type { Connector, SourceKey } from "@statewave-connectors/connector-sdk";
import { firstSyncSinceMs, parseSinceDefault } from "@statewave-connectors/connector-sdk/options";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";
import type { ConnectorsConfig } from "../result/connectors-config.ts";
import type { Environment } from "../load/find-config.ts";
import type { LoadConnectorsOptions } from "../adapters/load-connectors.ts";
import { parseConfig } from "../load/parse-config.ts";
import type { Table } from "../toml/parse-toml.ts";
import { ConfigInvalidError, type ConfigProblem } from "../check/problems.ts";
import { formatPath } from "../toml/toml-path.ts";
import { type WrittenEntry, writeEntry } from "./entry-toml.ts";
import { loadNamedConnector } from "./named-connector.ts";
import { optionFlag, readOptionArguments } from "./option-arguments.ts";

/** A connector to be tried, as a command line names it. */
export interface TrialRequest extends LoadConnectorsOptions {
  /** Its kind, its package or its path. */
  readonly connector: string;
  /** `key=value`, see `readOptionArguments`. */
  readonly options: readonly string[];
  /** A date or an age: where the reading starts. */
  readonly since?: string | undefined;
  /** Its receiver, although it can pull. */
  readonly push?: boolean | undefined;
  readonly env: Environment;
  readonly nowMs: number;
}

/** A configuration of one entry that was never in a file, and what to write into one. */
export interface Trial {
  readonly config: ConnectorsConfig;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly direction: "pull" | "push";
  readonly source: SourceKey;
  /** The parts that the entry reads separately; empty for one stream. */
  readonly streams: readonly string[];
  /** Where the reading starts. Absent: where the options say. */
  readonly cursor?: string | undefined;
  readonly written: WrittenEntry;
}

type Direction = Trial["direction"];

/**
 * Checks the options of one entry as those of a file are checked, with state in memory and no sink. Throws as `loadAdapter` does, and
 * `CONFIG_INVALID` with everything that is wrong with the arguments.
 */
export async function parseTrial(request: TrialRequest): Promise<Trial> {
  const { connector: named, env, cwd, resolveFrom } = request;
  const places = { ...(cwd === undefined ? {} : { cwd }), ...(resolveFrom === undefined ? {} : { resolveFrom }) };
  const { connector, override } = await loadNamedConnector(named, places);
  const { kind } = connector;
  const direction = connector.pull === undefined || request.push === true ? "push" : "pull";
  const { table, problems } = readOptionArguments(request.options);
  const start = planStart(request, connector, { direction, table });
  const found = [...problems, ...directionProblems(connector, direction), ...start.problems];
  if (found.length > 0) throw new ConfigInvalidError(`try ${named}`, found);
  const own = { ...table, ...start.options };
  const pull = { name: "main", schedule: "every 15m", ...own };
  const push = { name: "main", ...own };
  const entries = direction === "pull" ? { pull: { [kind]: [pull] } } : { push: { [kind]: [push] } };
  const { config, connectors } = await checked(`try ${named}`, { connector, direction }, () =>
    parseConfig({ statewave: { url: "stdout:" }, ...entries }, { ...places, env, connectors: [connector] }),
  );
  const [checkedEntry] = config[direction];
  const options = checkedEntry?.options;
  return {
    config,
    connectors,
    direction,
    source: { kind, name: checkedEntry?.name ?? push.name },
    streams: direction === "pull" ? (connector.pull?.streams?.(options) ?? []) : [],
    cursor:
      start.seedMs === undefined ? undefined : connector.pull?.seed?.(options, { since: new Date(start.seedMs).toISOString() }),
    written: writeEntry({
      direction,
      kind,
      table: direction === "pull" ? pull : push,
      schema: connector[direction]?.config,
      override,
    }),
  };
}

function directionProblems(connector: Connector, direction: Direction): readonly ConfigProblem[] {
  if (connector[direction] !== undefined) return [];
  return [{ path: "--push", message: "the connector takes no webhooks", hint: "leave out --push and --sample" }];
}

interface Start {
  readonly problems: readonly ConfigProblem[];
  readonly options?: Table;
  /** The moment of the cursor that the connector is to make. */
  readonly seedMs?: number | undefined;
}

const sinceOption = "since_default";

/** By the entry's own option where it has one: the file can say the same. Else by a cursor that the connector makes. */
function planStart(
  { since, nowMs }: TrialRequest,
  { pull }: Connector,
  { direction, table }: { readonly direction: Direction; readonly table: Table },
): Start {
  if (since === undefined) return { problems: [] };
  if (direction === "push") return refused("belongs to what a connector reads", "leave it out");
  const moment = parseSinceDefault(since);
  if (moment === undefined)
    return refused("is neither a date nor an age", "write a date such as 2024-01-31, or an age such as 90d");
  if (Object.hasOwn(table, sinceOption)) return refused(`${optionFlag} ${sinceOption} says the same`, "leave one of them out");
  const hasOption = describeOptions(pull?.config).some(({ key }) => key === sinceOption);
  if (hasOption) return { problems: [], options: { [sinceOption]: since } };
  if (pull?.seed === undefined) return refused("the connector cannot start at a time", "leave it out");
  return { problems: [], seedMs: firstSyncSinceMs(moment, nowMs) };
}

function refused(message: string, hint: string): Start {
  return { problems: [{ path: "--since", message, hint }] };
}

/** What is wrong with an entry is reported where it was written. */
async function checked<Result>(
  name: string,
  { connector, direction }: { readonly connector: Connector; readonly direction: Direction },
  parse: () => Promise<Result>,
): Promise<Result> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const at = formatPath([direction, connector.kind, 0]);
    const place = (path: string) =>
      path === at ? optionFlag : path.startsWith(`${at}.`) ? `${optionFlag} ${path.slice(at.length + 1)}` : path;
    const otherHints = hintsForOtherDirection(connector, direction);
    const problems = error.problems.map((problem) => {
      const path = place(problem.path);
      const hint = problem.message === "unknown key" ? otherHints.get(path) : undefined;
      return { ...problem, path, ...(hint === undefined ? {} : { hint }) };
    });
    throw new ConfigInvalidError(name, problems, error.cause);
  }
}

/** What to do about an option that this entry does not have, and an entry of the connector's other direction has. */
function hintsForOtherDirection(connector: Connector, direction: Direction): ReadonlyMap<string, string> {
  const other = direction === "pull" ? "push" : "pull";
  const hint = `${other === "push" ? "add --push" : "leave --push out"}: it is an option of [[${other}.${connector.kind}]]`;
  return new Map(describeOptions(connector[other]?.config).map(({ key }) => [`${optionFlag} ${key}`, hint]));
}
