import type { ConfigInput } from "@statewave-connectors/config";
import { kind } from "./load/connector.ts";
import type { TrialPlace } from "./place/trial-place.ts";

export interface TrialConfigOptions {
  readonly place: TrialPlace;
  /** Of the proxy in front of the store. */
  readonly storePort: number | undefined;
  readonly statewaveUrl: string;
  readonly sourceUrl: string;
  readonly secret: string;
  readonly sources: number;
  /** Of this process alone. */
  readonly stateDir: string;
}

const pagesOfRun = 2;

export const sourceName = (index: number) => `n${String(index).padStart(2, "0")}`;

/** What the runners of a trial are configured with: numbered sources that are due each second, and one receiver. */
export function trialConfig(options: TrialConfigOptions): ConfigInput {
  const { place, storePort, statewaveUrl, sourceUrl, secret, sources, stateDir } = options;
  const pulls = Array.from({ length: sources }, (_, index) => ({
    name: sourceName(index),
    schedule: "every 1s",
    source_url: sourceUrl,
    pages: pagesOfRun,
  }));
  return {
    statewave: { url: statewaveUrl },
    runner: {
      host: "127.0.0.1",
      port: 0,
      state_dir: stateDir,
      drain_timeout: "5s",
      max_concurrent_syncs: sources,
      // The fakes are on this machine, whatever proxy its variables name.
      http: { proxy: "" },
      ...place.tables(storePort),
    },
    pull: { [kind]: pulls },
    push: { [kind]: [{ name: "webhooks", secret }] },
  };
}
