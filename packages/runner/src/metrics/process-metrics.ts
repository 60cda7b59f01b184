import type { Registry } from "prom-client";

let opened: Promise<Registry> | undefined;

/**
 * prom-client's metrics of this process, loaded and begun at the first call. One registry for the process, however many runners it holds:
 * its collectors cannot be taken down again.
 */
export function processMetrics(): Promise<Registry> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Registry> {
  const prom = await import("prom-client");
  const registry = new prom.Registry();
  prom.collectDefaultMetrics({ register: registry });
  return registry;
}
