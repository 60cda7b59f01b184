import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorHistory } from "../../history/cursor-history.ts";
import { noteChange } from "../../history/note-change.ts";
import type { SinkBinding } from "../../sink-binding/sink-binding.ts";
import type { SinkIdentity } from "../../sink-binding/sink-identity.ts";
import type { BindingOperations } from "./operations.ts";

/** Operations on the sinks that cursors belong to. */
export function bindingOperations(
  open: () => Promise<SinkBinding>,
  history: () => Promise<CursorHistory | undefined>,
): BindingOperations {
  return {
    adoptSink: async ({ sources, sink }) => (await openFor(open, sink)).adopt(sources),
    resetSources: async ({ sources, sink }) => {
      const noted = await history();
      return (await openFor(open, sink)).reset(sources, async (source, before, forget) =>
        noteChange(noted, { source, reason: "reset", before }, forget),
      );
    },
  };
}

/** A process that was started before its configuration changed would act for the wrong sink. */
async function openFor(open: () => Promise<SinkBinding>, sink: SinkIdentity | undefined): Promise<SinkBinding> {
  const binding = await open();
  if (sink === undefined || sink.fingerprint === binding.sink.fingerprint) return binding;
  throw new ConnectorsError({
    code: "STORE_SINK_CONFLICT",
    message: `the running process delivers to ${binding.sink.label}, and this configuration names ${sink.label}`,
    hint: "restart the runner with this configuration, then run the command again",
  });
}
