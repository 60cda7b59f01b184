import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EditableLetter } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { type EditedText, editText } from "./edit-text.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import type { HeldOperations } from "../held-operations.ts";
import { withOperations } from "../with-operations.ts";

export interface EditOptions {
  readonly file?: string;
  readonly print?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Edits a dead letter and puts it back into the queue. */
export function editLetter(context: CommandContext, key: string, options: EditOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withOperations(context, async (operations, signal) => {
    const letter = await operations.readLetter(key);
    if (letter === undefined) {
      terminal.stderr.write(`there is no dead letter "${key}"\n`);
      return exitCode.failed;
    }
    const before = `${JSON.stringify(letter.content, undefined, 2)}\n`;
    if (options.print === true) {
      terminal.data.write(before);
      return exitCode.ok;
    }
    const edited = await operations.whileClosed(() => editedText(context, before, options));
    if (typeof edited === "number") return edited;
    return keepingRefused(terminal, edited, () => applyEdit({ context, operations, signal, options }, letter, edited.text));
  });
}

interface Editing {
  readonly context: CommandContext;
  readonly operations: HeldOperations;
  readonly signal: AbortSignal;
  readonly options: EditOptions;
}

function applyEdit(
  { context, operations, signal, options }: Editing,
  letter: EditableLetter,
  text: string,
): Promise<ExitCode> | ExitCode {
  const { terminal } = context;
  const { key } = letter;
  const content = parse(text);
  if (content === undefined) {
    terminal.stderr.write("error: the edited letter is not JSON; the dead letter was not changed\n");
    return exitCode.failed;
  }
  if (JSON.stringify(content) === JSON.stringify(letter.content)) {
    terminal.stderr.write("nothing was changed\n");
    return exitCode.ok;
  }
  const what = `replace dead letter "${key}" (${describe(letter)}) and put it back into the queue`;
  const acting = { command: "dead-letters edit", targets: [key], what, yes: options.yes, as: options.as, signal };
  return act(context, operations, acting, async () => {
    await operations.replaceLetter({ key, digest: letter.digest, content });
    terminal.stdout.write(
      options.json === true
        ? `${JSON.stringify({ key, source: formatSourceKey(letter.source), type: letter.type, requeued: true })}\n`
        : "1 put back into the queue\n",
    );
    return { result: exitCode.ok, before: letter.content, after: content };
  });
}

/** An edit that is not applied stays in its file: it may be the work of half an hour. */
async function keepingRefused(
  { stderr }: CommandContext["terminal"],
  { path, discard }: Edit,
  apply: () => Promise<ExitCode> | ExitCode,
): Promise<ExitCode> {
  const keep = () => {
    if (path !== undefined)
      stderr.write(`your edit is kept in ${path}: correct it there and pass it with --file, or remove it\n`);
  };
  try {
    const code = await apply();
    if (code === exitCode.ok) await discard?.();
    else keep();
    return code;
  } catch (error) {
    keep();
    throw error;
  }
}

/** The text after an edit; from an editor with the file that holds it. */
type Edit = Pick<EditedText, "text"> & Partial<EditedText>;

/** The text after the edit, or the exit code of a command that cannot get it. */
async function editedText({ terminal }: CommandContext, before: string, { file }: EditOptions): Promise<Edit | ExitCode> {
  if (file !== undefined) {
    try {
      return { text: await readFile(resolve(terminal.cwd, file), "utf8") };
    } catch (error) {
      terminal.stderr.write(`error: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}\n`);
      return exitCode.failed;
    }
  }
  if (terminal.question === undefined) {
    terminal.stderr.write("error: an editor needs a terminal: pass the edited letter with --file, as --print prints it\n");
    return exitCode.usage;
  }
  return editText(before, editorOf(terminal.env));
}

/** An empty variable names no editor: the shell would run the letter itself. */
function editorOf({ VISUAL: visual = "", EDITOR: editor = "" }: Readonly<Record<string, string | undefined>>): string {
  return [visual, editor].find((name) => name.trim() !== "") ?? "vi";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe({ type, source }: EditableLetter): string {
  return `an ${type} of ${formatSourceKey(source)}`;
}
