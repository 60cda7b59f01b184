import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { storageScope, type StoreRecord } from "@statewave-connectors/connector-sdk/store";
import type { Operations } from "@statewave-connectors/runner";
import { act, type ActingFlags } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

/** Forgets what the entries of this name keep in their storage, also what cannot be decrypted. Exit code 1 when there was nothing. */
export function deleteSecrets(
  context: CommandContext,
  source: SourceKey,
  { json = false, yes = false, as }: Readonly<ActingFlags> & { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, signal) => {
    const name = formatSourceKey(source);
    const stored = (await storedOf(operations, source)).length;
    const what = `forget ${counted(stored, "stored value")} of ${name}`;
    // No answer is needed where there is nothing to forget: that is reported.
    const confirmed = { what, yes: yes || stored === 0, signal };
    return act(context, operations, { command: "state delete-secrets", targets: [name], ...confirmed, as }, async () => {
      const values = await storedOf(operations, source);
      let deleted = 0;
      for (const { scope, key, version } of values) {
        const result = await operations.secretRecords.compareAndSet({ scope, key, expectedVersion: version });
        if (result.stored) deleted += 1;
      }
      const { stdout, stderr } = context.terminal;
      if (json) stdout.write(`${JSON.stringify({ source: name, deleted })}\n`);
      else if (deleted > 0) stdout.write(`${name}: ${counted(deleted, "value")} deleted\n`);
      if (deleted === 0) stderr.write(`${name} stores no values\n`);
      const result = deleted === 0 ? exitCode.failed : exitCode.ok;
      return { result, before: { stored: values.length }, after: { deleted } };
    });
  });
}

async function storedOf({ secretRecords }: Operations, source: SourceKey): Promise<readonly StoreRecord[]> {
  const scopes = (["pull", "push"] as const).map((direction) => storageScope(direction, source));
  return (await Promise.all(scopes.map((scope) => secretRecords.list(scope)))).flat();
}
