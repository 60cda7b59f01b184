import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { act, type ActingFlags } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { requireSource } from "../require-source.ts";
import { withOperations } from "../with-operations.ts";

/** Forgets what the entries of this name keep in their storage, also what cannot be decrypted. Exit code 1 when there was nothing. */
export function deleteSecrets(
  context: CommandContext,
  source: SourceKey,
  { json = false, yes = false, as }: Readonly<ActingFlags> & { readonly json?: boolean },
): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config) => {
    const { forgetSecrets, storedSecrets } = await import("@statewave-connectors/runner/actions");
    const name = formatSourceKey(source);
    const stored = (await storedSecrets(operations.secretRecords, source)).length;
    const what = `forget ${counted(stored, "stored value")} of ${name}`;
    // No answer is needed where there is nothing to forget: that is reported.
    const confirmed = { what, yes: yes || stored === 0, signal };
    return act(context, operations, { command: "state delete-secrets", targets: [name], ...confirmed, as }, async () => {
      const { stored: found, deleted } = await forgetSecrets(operations.secretRecords, source);
      const { stdout, stderr } = context.terminal;
      if (json) stdout.write(`${JSON.stringify({ source: name, deleted })}\n`);
      else if (deleted > 0) stdout.write(`${name}: ${counted(deleted, "value")} deleted\n`);
      if (deleted === 0) {
        await requireSource(source, config);
        stderr.write(`${name} stores no values\n`);
      }
      const result = deleted === 0 ? exitCode.failed : exitCode.ok;
      return { result, before: { stored: found }, after: { deleted } };
    });
  });
}
