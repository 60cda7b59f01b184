import type { EngineOptions } from "../../composition/engine-options.ts";
import { configuredSink } from "../../sink-binding/sink-identity.ts";
import { connectFirst } from "../socket/control-client.ts";
import type { Operations } from "./operations.ts";
import { controlSocketPlaces } from "../socket/socket-path.ts";

export interface OpenedOperations {
  readonly operations: Operations;
  close(): Promise<void>;
}

/**
 * The operations on a configuration's state: through the runner that holds it when one runs on this machine, else with the state opened
 * here, and of it only what is used. They throw `STORE_LOCKED` when another process holds it but cannot be reached.
 */
export async function openOperations(options: EngineOptions): Promise<OpenedOperations> {
  const { config, ingest } = options;
  let silentAt: string | undefined;
  const remote = await connectFirst(controlSocketPlaces(config), {
    sink: configuredSink({ ...config, ingest }),
    onSilent: (path) => (silentAt = path),
  });
  if (remote !== undefined) return { operations: remote, close: async () => undefined };
  // Only here: with a runner that answers, a command needs none of the engine.
  const { openLocalOperations } = await import("./local-operations.ts");
  return openLocalOperations({ ...options, silentAt });
}
