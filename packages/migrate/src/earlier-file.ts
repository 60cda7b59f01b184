import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigInvalidError } from "@statewave-connectors/config";
import { checkFileSize, interpolateTable, parseToml, ProblemList, type Table } from "@statewave-connectors/config/file";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { isTable, leavesOf } from "@statewave-connectors/connector-sdk/schema";

/** The file that is moved from, with `${…}` as it was written. */
export interface EarlierFile {
  /** Absolute. */
  readonly path: string;
  readonly root: Table;
}

/** `[runner.state]` of that file, with the values of its references. */
export interface EarlierState {
  readonly kind: string;
  readonly options: Table;
}

/** Reads the file. Throws `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`, and `CONFIG_INVALID` for what is no TOML or no such file. */
export async function readEarlierFile(path: string, cwd: string): Promise<EarlierFile> {
  const whole = resolve(cwd, path);
  const { root } = parseToml(await readBounded(whole), whole);
  if (isTable(root["statewave"])) return { path: whole, root };
  const message = "there is no [statewave] table, so this is no file of the earlier runner";
  throw new ConfigInvalidError(whole, [{ path: "statewave", message, hint: "name its statewave-connectors.toml" }]);
}

/** Throws `CONFIG_INVALID` for a reference without a value, and for a table that says no kind. */
export function readEarlierState(
  { path, root }: EarlierFile,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): EarlierState {
  const runner = isTable(root["runner"]) ? root["runner"] : {};
  const state = runner["state"] ?? { kind: "memory" };
  const problems = new ProblemList();
  if (!isTable(state)) problems.add(["runner", "state"], "expected a table");
  const { root: replaced } = interpolateTable({ runner: { state, state_dir: runner["state_dir"] ?? "" } }, folder, env, problems);
  const table = isTable(replaced["runner"]) ? replaced["runner"] : {};
  const { kind, ...options } = isTable(table["state"]) ? table["state"] : {};
  if (typeof kind !== "string" && problems.size === 0)
    problems.add(["runner", "state", "kind"], "expected memory, file, postgres or redis");
  if (problems.size > 0 || typeof kind !== "string")
    throw new ConfigInvalidError(
      path,
      problems.list((at) => ({ path: at })),
    );
  const home = typeof table["state_dir"] === "string" ? table["state_dir"] : earlierStateDir;
  return {
    kind,
    options: kind === "file" ? { path: resolve(folder, toText(options["path"]) ?? `${home}/cursors.json`) } : kept(options),
  };
}

/** The variables that the file refers to. */
export function earlierVariables({ root }: EarlierFile): readonly string[] {
  return leavesOf(root).flatMap(({ text }) => Array.from(text.matchAll(/\$\{([A-Z_][A-Z0-9_]*)/g), ([, name = ""]) => name));
}

/** Where that runner kept its file without `state_dir`. */
export const earlierStateDir = "./var/connectors-state";

/** Other keys it ignored. */
function kept({ url, table, key_prefix }: Table): Table {
  return Object.fromEntries(Object.entries({ url, table, key_prefix }).filter(([, value]) => value !== undefined));
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    // A pipe or a device may never end.
    if (!found.isFile()) throw new Error("it is not a regular file");
    checkFileSize(found.size, path);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof ConnectorsError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    const isMissing = code === "ENOENT";
    throw new ConnectorsError({
      code: isMissing ? "CONFIG_NOT_FOUND" : "CONFIG_UNREADABLE",
      message: isMissing
        ? `there is no file ${path}`
        : `${path} cannot be read: ${code ?? (cause instanceof Error ? cause.message : String(cause))}`,
      hint: isMissing ? "name the file of the earlier runner" : "check what is at the path, and that this user may read it",
      cause,
    });
  }
}
