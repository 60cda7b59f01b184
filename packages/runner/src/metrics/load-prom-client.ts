// Programs that use these sources do not list the file of declarations.
// eslint-disable-next-line typescript/triple-slash-reference -- declarations of foreign modules cannot be imported
/// <reference path="./prom-client-parts.d.ts" preserve="true" />
import type * as promClient from "prom-client";

/** What the runner's own metrics are made of. */
export type PromParts = Pick<typeof promClient, "Counter" | "Gauge" | "Histogram" | "Registry">;

/**
 * Loads what the runner's own metrics need of prom-client: 9 of the 88 files behind its root, which loads its process metrics and
 * OpenTelemetry's API too.
 */
export async function loadPromParts(): Promise<PromParts> {
  try {
    const [counter, gauge, histogram, registry] = await Promise.all([
      import("prom-client/lib/counter.js"),
      import("prom-client/lib/gauge.js"),
      import("prom-client/lib/histogram.js"),
      import("prom-client/lib/registry.js"),
    ]);
    return { Counter: counter.default, Gauge: gauge.default, Histogram: histogram.default, Registry: registry.default };
  } catch {
    // A version that lays its files out in another way.
    return import("prom-client");
  }
}
