import { type DeadLetter, formatSourceKey, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { Operations } from "@statewave-connectors/runner";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { withOperations } from "../with-operations.ts";

const pageSize = 1000;

export interface ListOptions {
  readonly source?: SourceKey | undefined;
  readonly json?: boolean;
}

/** Lists dead letters, oldest first, all pages. */
export function listDeadLetters(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const { stdout } = context.terminal;
    let count = 0;
    for await (const letter of allLetters(operations, options.source)) {
      if (context.terminal.outputFailure?.() !== undefined) break;
      count += 1;
      stdout.write(options.json === true ? `${JSON.stringify(letter)}\n` : formatLetter(letter));
    }
    if (count === 0 && options.json !== true) stdout.write("no dead letters\n");
    return exitCode.ok;
  });
}

/** Prints one dead letter with what was buried, as JSON. */
export function showDeadLetter(context: CommandContext, key: string): Promise<ExitCode> {
  return withOperations(context, async (operations) => {
    const letter = await operations.getDeadLetter(key);
    if (letter === undefined) {
      context.terminal.stderr.write(`there is no dead letter "${key}"\n`);
      return exitCode.failed;
    }
    context.terminal.stdout.write(`${JSON.stringify(letter, undefined, 2)}\n`);
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
      for await (const letter of allLetters(operations, options.source)) chosen.push(letter.key);
    }
    let count = 0;
    for (let start = 0; start < chosen.length; start += pageSize) {
      const part = chosen.slice(start, start + pageSize);
      count += await (act === "retry" ? operations.retryDeadLetters(part) : operations.discardDeadLetters(part));
    }
    context.terminal.stdout.write(`${count} ${act === "retry" ? "put back into the queue" : "discarded"}\n`);
    return count === 0 && keys.length > 0 ? exitCode.failed : exitCode.ok;
  });
}

async function* allLetters(operations: Operations, source: SourceKey | undefined): AsyncGenerator<DeadLetter> {
  let after: string | undefined;
  for (;;) {
    const page = await operations.listDeadLetters({
      limit: pageSize,
      ...(source === undefined ? {} : { source }),
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}

function formatLetter({ key, source, type, reason, buriedAtMs }: DeadLetter): string {
  return `${key}\t${formatSourceKey(source)}\t${type}\t${new Date(buriedAtMs).toISOString()}\t${reason.replaceAll(/\p{Cc}/gu, " ")}\n`;
}
