import { parseSourceKey, formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Operations } from "@statewave-connectors/runner/operations";
import { inAuditLog } from "../acting.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { abilityOf } from "../pull-declaration.ts";
import { withOperations } from "../with-operations.ts";
import type { Moved, MovedSource } from "./print-migration.ts";

/** Sets where sources begin in the new state, and stores the backfills. A source that has a cursor there keeps it. */
export function carryOut(
  context: CommandContext,
  { sources }: Moved,
  { as, json = false }: { readonly as?: string; readonly json?: boolean },
): Promise<ExitCode> {
  const { terminal } = context;
  const say = (source: string, did: string) =>
    terminal.stdout.write(json ? `${JSON.stringify({ source, did })}\n` : `${source}: ${did}\n`);
  const seeded = sources.filter(({ start, isConfigured }) => start?.type === "moment" && isConfigured === true);
  return withOperations(context, async (operations, _signal, config, connectors) => {
    const targets = seeded.map(({ entry }) => formatSourceKey(entry));
    if (targets.length === 0) return exitCode.ok;
    return inAuditLog(operations, { command: "migrate", targets, as }, async () => {
      for (const source of seeded) await begin(operations, source, { config, connectors, say });
      return { result: exitCode.ok, after: { sources: targets.length } };
    });
  });
}

type Beginning = Parameters<typeof abilityOf>[2] & { readonly say: (source: string, did: string) => void };

async function begin(operations: Operations, { entry, start }: MovedSource, { say, ...parts }: Beginning): Promise<void> {
  const key = formatSourceKey(entry);
  const source = parseSourceKey(key);
  if (source === undefined || start?.type !== "moment") return;
  const { since, reread } = start;
  // What an earlier `--yes` began is the runner's: its backfill may be over, and forgotten.
  if ((await operations.getCursor(source)) !== undefined) return say(key, "has a cursor in the new state and keeps it");
  // The cursor comes last: until it is there, a command that was cut off is repeated as a whole.
  if (reread !== undefined) {
    const stored = await operations.prepareBackfill({ source, ...reread, rangeText: `${reread.since}..${reread.until}` });
    say(key, `the backfill ${stored.id} reads ${stored.since} to ${stored.until} as soon as a runner runs`);
  }
  const seed = await abilityOf("seed", source, parts);
  await operations.changeCursor({ source, cursor: seed.call(seed.options, { since }), derivedFrom: [], reason: "seed" });
  say(key, `the next run begins at ${since}`);
}
