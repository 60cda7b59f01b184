import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { EngineObservers } from "../composition/engine-options.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import { callHook } from "./call-hook.ts";
import type { EmitEvent, OnEvent, RunCounts } from "./runner-event.ts";

/** Calls the embedder's hook. */
export function eventEmitter(onEvent: OnEvent | undefined, logger: Logger): EmitEvent {
  if (onEvent === undefined) return () => undefined;
  return (event) => callHook("onEvent threw", logger, () => onEvent(event));
}

/** The observers of an engine, with its runs and burials emitted as events as well. */
export function emittingEvents(observers: EngineObservers, emit: EmitEvent): EngineObservers {
  const { delivery } = observers;
  return {
    ...observers,
    runs: {
      started: ({ source, runId }) => emit({ type: "run-started", source: keyOf(source), runId }),
      ended({ source, runId }, outcome, durationMs) {
        const { type } = outcome;
        const facts = { source: keyOf(source), runId, outcome: type, durationMs, counts: countsOf(outcome) };
        emit({ type: "run-ended", ...facts, ...(type === "failed" && { error: outcome.error }) });
      },
    },
    delivery: {
      ...delivery,
      buried(burial) {
        delivery.buried?.(burial);
        const { source, cause, runId, kind, idempotencyKey, reason } = burial;
        const facts = { source: keyOf(source), kind, idempotencyKey, cause, reason: maskSecrets(reason) };
        emit({ type: "episode-buried", ...facts, ...(runId !== undefined && { runId }) });
      },
    },
  };
}

/** Emits each change of the sink's state. */
export function emitSinkChanges(delivery: Pick<Delivery, "state" | "onStateChange">, emit: EmitEvent): void {
  let known = delivery.state.status;
  delivery.onStateChange(({ status, reason, hint }) => {
    if (status === known) return;
    known = status;
    const facts = {
      ...(reason !== undefined && { reason: maskSecrets(reason) }),
      ...(hint !== undefined && { hint: maskSecrets(hint) }),
    };
    emit({ type: "sink-changed", status, ...(status !== "up" && facts) });
  });
}

function countsOf(outcome: RunOutcome): RunCounts {
  const { episodes, delivered, skipped, failed = 0 } = outcome.type === "failed" ? outcome.progress : outcome.report;
  return { episodes, delivered, skipped, failed, ...(outcome.type !== "failed" && { buried: outcome.report.buried }) };
}

/** An entry carries more than its key. */
function keyOf({ kind, name }: SourceKey): SourceKey {
  return { kind, name };
}
