import type { ConnectorsConfig } from "@statewave-connectors/config";
import { stateUnsupported } from "../errors.ts";
import { folderPlace } from "./folder-place.ts";
import { postgresPlace } from "./postgres-place.ts";
import { redisPlace } from "./redis-place.ts";
import type { TrialPlace } from "./trial-place.ts";

const places: Readonly<Record<string, (config: ConnectorsConfig) => TrialPlace>> = {
  file: folderPlace,
  postgres: postgresPlace,
  redis: redisPlace,
};

/** Where a trial runs: on what `[runner.state]` names. Throws `CHAOS_STATE_UNSUPPORTED` for other kinds. */
export function choosePlace(config: ConnectorsConfig): TrialPlace {
  const { state, inbox } = config.runner;
  const place = Object.hasOwn(places, state.kind) ? places[state.kind] : undefined;
  if (state.kind === "memory") throw stateUnsupported(state.kind, "it survives no crash, so there is nothing to test");
  if (place === undefined) throw stateUnsupported(state.kind, "no part of it can be set apart for a trial");
  if (inbox.kind !== state.kind) throw stateUnsupported(state.kind, `the inbox is of another kind, ${inbox.kind}`);
  return place(config);
}
