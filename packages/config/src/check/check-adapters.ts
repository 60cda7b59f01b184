import { type ConfigSchema, type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { isTable, leavesOf, optionKeys, type OptionVisit } from "@statewave-connectors/connector-sdk/schema";
import type { AdapterFiles, StateHome } from "@statewave-connectors/connector-sdk/store";
import { type CheckContext, type CheckedTable, checkTable, rememberSecrets } from "./check-table.ts";
import { defaultKind } from "../adapters/bundled-adapters.ts";
import { adapterKindPattern } from "../schema/kind.ts";
import { inboxTable, stateTable } from "../schema/state-tables.ts";
import { type AdapterRequest, loadAdapter } from "../adapters/load-adapter.ts";
import { newTable, type Table } from "../toml/parse-toml.ts";
import type { ProblemList } from "./problems.ts";
import { type OptionsProvenance, toProvenance } from "../result/provenance.ts";
import { below, formatPath, type Placement, type TomlPath } from "../toml/toml-path.ts";
import type { AdapterRole } from "../adapters/given-adapters.ts";

/** The options of a store or an inbox, checked by the schema of its package. */
export interface CheckedAdapter {
  /** As they were written, with strings from a `${…}` read as the schema wants them: the package itself makes of them what it needs. */
  readonly options: Table;
  readonly provenance: OptionsProvenance;
  readonly livesIn: StateHome | undefined;
  /** Absent: its package does not say which files it writes. */
  readonly files: AdapterFiles | undefined;
}

export interface CheckedAdapters {
  readonly state: CheckedAdapter;
  readonly inbox: CheckedAdapter;
}

/** What the package of a kind declares. */
interface Adapter {
  readonly kind: string;
  /** A package without one checks its options when it opens. */
  readonly schema: ConfigSchema | undefined;
  readonly livesIn: StateHome | undefined;
  readonly files: AdapterFiles | undefined;
}

/** Where adapters come from. */
export type AdapterPlaces = Pick<AdapterRequest<AdapterRole>, "from" | "given">;

/** Options, and where in the file each of them stands. */
interface PlacedOptions {
  readonly table: Table;
  readonly placeOf: Placement;
}

const stateAt: TomlPath = ["runner", "state"];
const inboxAt: TomlPath = ["runner", "inbox"];
const stateKeys = optionKeys(stateTable) ?? [];
const inboxKeys = optionKeys(inboxTable) ?? [];

/**
 * Checks what `[runner.state]` and `[runner.inbox]` hold besides our own keys, by the schemas of the packages that their kinds name.
 * Undefined when a package cannot be loaded, which is among the problems.
 */
export async function checkAdapters(
  runner: Table,
  places: AdapterPlaces,
  context: CheckContext,
): Promise<CheckedAdapters | undefined> {
  const [state, inbox] = [tableAt(runner, "state"), tableAt(runner, "inbox")];
  const inherits = inbox["kind"] === undefined;
  const stateKind = state["kind"] ?? defaultKind;
  const { problems } = context;
  const [loadedStore, loadedInbox] = await Promise.all([
    load("cursor-store", stateKind, places),
    load("inbox", inherits ? stateKind : inbox["kind"], places),
  ]);
  const store = adapterOf(loadedStore, [...stateAt, "kind"], problems);
  // A misspelt kind that the inbox inherits is reported once, at its key; a missing package is reported with its own install line.
  const isEcho =
    inherits && isConnectorsError(loadedStore) && isConnectorsError(loadedInbox) && loadedStore.hint === loadedInbox.hint;
  const inboxAdapter = isEcho ? undefined : adapterOf(loadedInbox, inherits ? inboxAt : [...inboxAt, "kind"], problems);
  const stateOptions: PlacedOptions = { table: without(state, stateKeys), placeOf: below(stateAt) };
  const ownOptions: PlacedOptions = { table: without(inbox, inboxKeys), placeOf: below(inboxAt) };
  const checkedState = store && (await check(store, stateOptions, { ...context, otherKeys: stateKeys }));
  const inboxOptions = inboxAdapter && inherits ? inherit(stateOptions.table, ownOptions.table, store, inboxAdapter) : ownOptions;
  const checkedInbox = inboxAdapter && (await check(inboxAdapter, inboxOptions, { ...context, otherKeys: inboxKeys }));
  return checkedState && checkedInbox && { state: checkedState, inbox: checkedInbox };
}

function tableAt(runner: Table, key: string): Table {
  const table = runner[key];
  return isTable(table) ? table : {};
}

function without(table: Table, keys: readonly string[]): Table {
  return Object.assign(newTable(), Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key))));
}

/** The adapter of a kind, or why there is none; undefined for an invalid kind, which is reported with the core's own keys. */
async function load(
  role: "cursor-store" | "inbox",
  kind: unknown,
  places: AdapterPlaces,
): Promise<Adapter | ConnectorsError | undefined> {
  if (typeof kind !== "string" || !adapterKindPattern.test(kind)) return undefined;
  try {
    const { config: schema, livesIn, files } = await loadAdapter({ role, kind, ...places });
    return { kind, schema, livesIn, files };
  } catch (error) {
    if (isConnectorsError(error)) return error;
    throw error;
  }
}

function adapterOf(loaded: Adapter | ConnectorsError | undefined, at: TomlPath, problems: ProblemList): Adapter | undefined {
  if (!isConnectorsError(loaded)) return loaded;
  problems.add(at, loaded.message, loaded.hint);
  if (loaded.cause !== undefined) problems.causes.push(loaded.cause);
  return undefined;
}

/** An inbox without a kind of its own lives where the state lives, but never in the state's file: it has the state's options that it knows. */
function inherit(state: Table, own: Table, store: Adapter | undefined, inboxAdapter: Adapter): PlacedOptions {
  const known = optionKeys(inboxAdapter.schema);
  const isShared = (key: string) => key !== "path" && !Object.hasOwn(own, key) && (known === undefined || known.includes(key));
  const shared = new Set([...Object.keys(state), ...(optionKeys(store?.schema) ?? [])].filter(isShared));
  const inherited = Object.entries(state).filter(([key]) => shared.has(key));
  return {
    table: Object.assign(newTable(), Object.fromEntries(inherited), own),
    // A required option that both know is reported as missing in [runner.state].
    placeOf: (path) => [...(shared.has(String(path[0])) ? stateAt : inboxAt), ...path],
  };
}

async function check(adapter: Adapter, { table, placeOf }: PlacedOptions, context: CheckContext): Promise<CheckedAdapter> {
  const owner = `the kind "${adapter.kind}"`;
  const checked =
    adapter.schema === undefined
      ? withoutSchema(table, placeOf, context)
      : await checkTable(adapter.schema, table, placeOf, { ...context, owner });
  const provenance = toProvenance(table, placeOf, checked.secrets, context.replaced);
  return { options: checked.table, provenance, livesIn: adapter.livesIn, files: adapter.files };
}

/** Without a schema it is unknown which options are secret: none is printed, and those from a `${…}` are masked everywhere. */
function withoutSchema(table: Table, placeOf: Placement, { replaced }: CheckContext): Omit<CheckedTable<unknown>, "value"> {
  const secrets: readonly OptionVisit[] = leavesOf(table, []).map(({ path, value }) => ({ path, value, secret: true }));
  rememberSecrets(
    table,
    secrets.filter(({ path }) => replaced.has(formatPath(placeOf(path)))),
  );
  return { table, secrets };
}
