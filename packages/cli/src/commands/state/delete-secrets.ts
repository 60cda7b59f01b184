import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { storageScope } from "@statewave-connectors/connector-sdk/store";
import { inAuditLog } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { withOperations } from "../with-operations.ts";

/** Forgets what the entries of this name keep in their storage, also what cannot be decrypted. Exit code 1 when there was nothing. */
export function deleteSecrets(
  context: CommandContext,
  source: SourceKey,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, ({ records, secretRecords }) =>
    inAuditLog({ records }, { command: "state delete-secrets", targets: [formatSourceKey(source)] }, async () => {
      let deleted = 0;
      for (const direction of ["pull", "push"] as const) {
        const scope = storageScope(direction, source);
        for (const { key, version } of await secretRecords.list(scope)) {
          const result = await secretRecords.compareAndSet({ scope, key, expectedVersion: version });
          if (result.stored) deleted += 1;
        }
      }
      const { stdout, stderr } = context.terminal;
      if (json) stdout.write(`${JSON.stringify({ source: formatSourceKey(source), deleted })}\n`);
      else if (deleted > 0) stdout.write(`${formatSourceKey(source)}: ${counted(deleted, "value")} deleted\n`);
      if (deleted === 0) stderr.write(`${formatSourceKey(source)} stores no values\n`);
      return { result: deleted === 0 ? exitCode.failed : exitCode.ok, after: { deleted } };
    }),
  );
}
