import { balanced, type Declared, reconcile as reconcileMarkers, type Reconciliation } from "@statewave-connectors/chaos/witness";
import type { FakeStatewave } from "@statewave-connectors/testing/fake-statewave";

export { balanced, type Reconciliation };

const markerPattern = /mark:[a-z]+-\d+/g;

/** Compares what was declared with what Statewave holds and what was buried: each marker must be found exactly once. */
export function reconcile(statewave: Pick<FakeStatewave, "episodes">, declared: Declared): Reconciliation {
  return reconcileMarkers(
    statewave.episodes.flatMap(({ payload }) => markersOf(payload)),
    declared,
  );
}

/** The markers in anything that can be written as JSON, each once. */
export function markersOf(value: unknown): readonly string[] {
  return [...new Set(JSON.stringify(value).match(markerPattern))];
}
