import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeadLetter } from "@statewave-connectors/connector-sdk/inbox";
import type { Operations } from "@statewave-connectors/runner";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { formatAge } from "../format-age.ts";
import { formatTable } from "../format-table.ts";
import { letterToJson } from "../json-style.ts";
import type { CommandContext } from "../program.ts";
import type { Output } from "../terminal.ts";
import { withOperations } from "../with-operations.ts";

const pageSize = 1000;

export interface ListOptions {
  readonly source?: SourceKey | undefined;
  readonly json?: boolean;
}

/** Lists dead letters, oldest first, all pages. */
export function listDeadLetters(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const { stdout, outputFailure } = context.terminal;
    let count = 0;
    for await (const page of letterPages(operations, options.source)) {
      if (outputFailure?.() !== undefined) break;
      if (page.length === 0) continue;
      if (options.json === true) for (const letter of page) stdout.write(`${JSON.stringify(letterToJson(letter))}\n`);
      else stdout.write(formatPage(page, stdout, count === 0));
      count += page.length;
    }
    if (count === 0 && options.json !== true) stdout.write("no dead letters\n");
    return exitCode.ok;
  });
}

const header = ["KEY", "SOURCE", "TYPE", "BURIED", "REASON"];

function formatPage(page: readonly DeadLetter[], { isTTY, columns }: Output, isFirst: boolean): string {
  return formatTable(header, page.map(toCells), { lineWidth: isTTY === true ? columns : undefined, header: isFirst });
}

function toCells({ key, source, type, reason, buriedAtMs }: DeadLetter): readonly string[] {
  return [key, formatSourceKey(source), type, `${formatAge(Date.now() - buriedAtMs)} ago`, reason];
}

/** Prints one dead letter with what was buried, as JSON. */
export function showDeadLetter(context: CommandContext, key: string): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const letter = await operations.getDeadLetter(key);
    if (letter === undefined) {
      context.terminal.stderr.write(`there is no dead letter "${key}"\n`);
      return exitCode.failed;
    }
    context.terminal.stdout.write(`${JSON.stringify(letterToJson(letter), undefined, 2)}\n`);
    return exitCode.ok;
  });
}

export interface ActOptions {
  readonly all?: boolean;
  readonly source?: SourceKey | undefined;
}

/** Puts letters back into the queue, or forgets them for good: those named, or all (of a source). */
export function actOnDeadLetters(
  context: CommandContext,
  act: "retry" | "discard",
  keys: readonly string[],
  options: ActOptions,
): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const chosen: string[] = [...keys];
    if (options.all === true) {
      for await (const page of letterPages(operations, options.source)) chosen.push(...page.map(({ key }) => key));
    }
    let count = 0;
    for (let start = 0; start < chosen.length; start += pageSize) {
      const part = chosen.slice(start, start + pageSize);
      count += await (act === "retry" ? operations.retryDeadLetters(part) : operations.discardDeadLetters(part));
    }
    const { stdout, stderr } = context.terminal;
    if (count === 0 && keys.length > 0) {
      stderr.write(`there is no dead letter ${keys.map((key) => `"${key}"`).join(" or ")}\n`);
      return exitCode.failed;
    }
    stdout.write(`${count} ${act === "retry" ? "put back into the queue" : "discarded"}\n`);
    return exitCode.ok;
  });
}

async function* letterPages(operations: Operations, source: SourceKey | undefined): AsyncGenerator<readonly DeadLetter[], void> {
  let after: string | undefined;
  for (;;) {
    const page = await operations.listDeadLetters({
      limit: pageSize,
      ...(source === undefined ? {} : { source }),
      ...(after === undefined ? {} : { after }),
    });
    yield page;
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}
