import { join, relative, resolve } from "node:path";
import { statewaveTable, type Table, type VariableNames, variableOf, withReferences } from "@statewave-connectors/config/file";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { toReferences } from "./convert-options.ts";
import { earlierStateDir } from "./earlier-file.ts";
import { usedTables } from "./earlier-options.ts";
import { inEarlierFile, type PlannedVariable } from "./planned-variable.ts";

/** `[statewave]` and `[runner]` of the new file. */
export interface TablesPlan {
  readonly statewave: Table;
  readonly runner: Table;
  readonly state: Table;
  readonly metrics: Table;
  readonly variables: readonly PlannedVariable[];
  /** Keys that the earlier runner ignored, with their tables: `runner.timeout`. */
  readonly ignored: readonly string[];
}

export interface TablesFacts {
  /** The kind of the new state, and the schema of its options. */
  readonly state: { readonly kind: string; readonly schema: unknown };
  /** Of the process, where a cron schedule depends on it. */
  readonly timezone: string | undefined;
  readonly movedPath: (path: string) => string;
  readonly names: VariableNames;
}

/** The tables beside the entries. The state is a new place beside the earlier one, on the same disk or server. */
export function planTables(root: Table, facts: TablesFacts): TablesPlan {
  const [statewave, runner] = [tableAt(root, "statewave"), tableAt(root, "runner")];
  const [state, metrics] = [tableAt(runner, "state"), tableAt(runner, "metrics")];
  const written = new SecretWriter(facts.names);
  const { url, api_key, tenant_id } = statewave;
  const { port, host, log_format } = runner;
  return {
    statewave: present({
      ...written.table("[statewave]", "statewave", { url, tenant_id }, statewaveTable),
      ...written.table("[statewave]", "statewave", { api_key }, undefined),
    }),
    runner: present({ host, port, log_format, ...stateDir(runner, state, facts), timezone: facts.timezone }),
    state: present(newState(state, facts.state, written)),
    metrics: present({ path: metrics["path"], auth: authOf(metrics, written) }),
    variables: written.variables,
    ignored: [
      ...ignoredKeys("statewave", statewave),
      ...ignoredKeys("runner", runner),
      ...ignoredKeys("runner.state", state),
      ...ignoredKeys("runner.metrics", metrics),
      ...Object.keys(root).filter((key) => !["statewave", "runner", "pull", "push"].includes(key)),
    ],
  };
}

class SecretWriter {
  readonly variables: PlannedVariable[] = [];
  readonly #names: VariableNames;

  constructor(names: VariableNames) {
    this.#names = names;
  }

  /** Without a schema every text is a secret. */
  table(about: string, prefix: string, options: Table, schema: unknown): Table {
    const given = Object.fromEntries(Object.entries(present(options)).map(([key, value]) => [key, toReferences(value)]));
    const { table, variables } = withReferences(given, schema, (path, value) =>
      this.#names.claim(variableOf(prefix, path), { place: about, value }),
    );
    this.variables.push(...variables.map((variable) => inEarlierFile(variable, about)));
    return table;
  }
}

/** In a folder of its own: that of the earlier runner may be a volume, so it lies below. */
function stateDir(runner: Table, state: Table, { movedPath }: TablesFacts): Table {
  const home = typeof runner["state_dir"] === "string" ? runner["state_dir"] : earlierStateDir;
  const path = state["kind"] === "file" && typeof state["path"] === "string" ? join(state["path"], "..") : home;
  return { state_dir: path.includes("${") ? `${path}/${ownName}` : movedPath(join(path, ownName)) };
}

const ownName = "statewave-connectors";

function newState(earlier: Table, { kind, schema }: TablesFacts["state"], written: SecretWriter): Table {
  const url = () => written.table("[runner.state]", kind, { url: earlier["url"] }, schema);
  if (kind === "postgres") return { kind, ...url(), schema: "statewave_connectors" };
  if (kind === "redis") return { kind, ...url(), key_prefix: newPrefix(earlier["key_prefix"]) };
  return { kind };
}

/** A hash tag keeps all keys on one node of a cluster. */
function newPrefix(before: unknown): string {
  const earlier = typeof before === "string" ? before : "";
  const name = earlier.includes(ownName.replace("-", "_")) ? "statewave_connectors_2" : "statewave_connectors";
  return hasHashTag(earlier) ? `{${name}}:` : `${name}:`;
}

function hasHashTag(prefix: string): boolean {
  const start = prefix.indexOf("{");
  return start !== -1 && prefix.indexOf("}", start) > start + 1;
}

function authOf(metrics: Table, written: SecretWriter): unknown {
  const auth = metrics["auth"];
  if (!isTable(auth)) return auth;
  const { kind, username, token, password } = auth;
  return present({
    kind,
    username: toReferences(username),
    ...written.table("[runner.metrics]", "metrics", { token, password }, undefined),
  });
}

function ignoredKeys(name: string, table: Table): readonly string[] {
  return Object.keys(table)
    .filter((key) => !(usedTables[name] ?? []).includes(key))
    .map((key) => `${name}.${key}`);
}

function present(table: Table): Table {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
}

function tableAt(root: Table, key: string): Table {
  const table = root[key];
  return isTable(table) ? table : {};
}

/** A path that the earlier runner read from its working directory, as a file in `folder` has to write it. */
export function pathMover(cwd: string, folder: string): (path: string) => string {
  return (path) => {
    if (path.startsWith("/")) return path;
    const moved = relative(folder, resolve(cwd, path));
    return moved.startsWith("..") ? moved : `./${moved}`;
  };
}
