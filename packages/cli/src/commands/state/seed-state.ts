import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { act } from "../acting.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { toIso } from "../../terminal/json-style.ts";
import { instantForms, instantHint, parseInstantMs } from "../parse-instant.ts";
import type { CommandContext } from "../command-context.ts";
import { abilityOf } from "../pull-declaration.ts";
import { withOperations } from "../with-operations.ts";

export interface SeedOptions {
  readonly since: string;
  readonly id?: string;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

/** Gives a source the cursor with which its connector begins at a moment. */
export function seedState(context: CommandContext, source: SourceKey, options: SeedOptions): Promise<ExitCode> {
  const { terminal } = context;
  const name = formatSourceKey(source);
  return withOperations(context, async (operations, signal, config, connectors) => {
    const sinceMs = parseInstantMs(options.since, Date.now());
    if (sinceMs === undefined) {
      terminal.stderr.write(`error: --since ${options.since} is ${instantForms}\nhint: ${instantHint}\n`);
      return exitCode.usage;
    }
    const since = toIso(sinceMs);
    if (sinceMs > Date.now()) {
      terminal.stderr.write(
        `error: --since ${options.since} is in the future: nothing would be read until ${since}\nhint: pass a time that has passed\n`,
      );
      return exitCode.usage;
    }
    const seed = await abilityOf("seed", source, { config, connectors });
    const start = { since, ...(options.id === undefined ? {} : { id: options.id }) };
    const cursor = seed.call(seed.options, start);
    const before = await operations.getCursor(source);
    const what = `have ${name} begin at ${since}${before === undefined ? "" : " in place of its cursor"}`;
    const acting = { command: "state seed", targets: [name], what, yes: options.yes, as: options.as, signal };
    return act(context, operations, acting, async () => {
      await operations.changeCursor({ source, cursor, derivedFrom: before === undefined ? [] : [before], reason: "seed" });
      terminal.stdout.write(
        options.json === true
          ? `${JSON.stringify({ source: name, since, cursor })}\n`
          : `${name}: the next run begins at ${since}\n`,
      );
      return { result: exitCode.ok, before: { cursor: before }, after: { cursor } };
    });
  });
}
