import { loadConnectors } from "@statewave-connectors/config/adapters";
import { privacyWarnings } from "@statewave-connectors/config/result";
import type { Connector, SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { recordsInMemory, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { SourceHealths } from "../health/sources/source-healths.ts";
import { guardLogger } from "../logging/injected-logger.ts";
import { openConnectorFetch } from "../network/connector-fetch.ts";
import { type Network, networkOf } from "../network/network.ts";
import { ProviderRequests } from "../network/provider-requests.ts";
import { storagesOn, warningOfLoss } from "../state/source-storages.ts";
import { KeyedSeal } from "../state/value-seal.ts";
import type { EngineOptions } from "./engine-options.ts";
import { EntryOpener } from "./entry-opener.ts";
import type { LiveEntries } from "./live-entries.ts";
import { openEntries } from "./open-entries.ts";

export interface ConfiguredEntries {
  readonly entries: LiveEntries;
  /** Opens further ones, with the same network, log and storage. */
  readonly opener: EntryOpener;
  readonly healths: SourceHealths;
  /** The requests of their connectors. */
  readonly requests: ProviderRequests;
  /** Their connectors, by kind. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Closes the connections to providers. */
  readonly close: () => Promise<void>;
}

/** What entries are opened with beside their options. */
export interface EntryParts {
  readonly network?: Network;
  /** Called before each request of a connector. */
  readonly onRequest?: () => void;
  /** Called with each answer that a connector gets, and when its request was sent. */
  readonly onAnswer?: (answer: Response, sentAtMs: number) => void;
  /** Where entries keep what outlives the process; called with each use. Default: in memory, with a warning. */
  readonly records?: () => Promise<StoreRecords>;
}

/** The configuration's entries, opened. Throws `NETWORK_PROXY_INVALID` for a proxy of the environment that cannot be used. */
export async function openConfiguredEntries(options: EngineOptions, parts: EntryParts = {}): Promise<ConfiguredEntries> {
  const { config, clock = systemClock, random = Math.random, resolveFrom = [] } = options;
  const { network = networkOf(config.runner.http), onRequest, onAnswer } = parts;
  const logger = guardLogger(options.logger);
  const forgotten = warningOfLoss(recordsInMemory(clock), logger);
  const storageOf = storagesOn(parts.records ?? (async () => forgotten), new KeyedSeal(config.runner.state.key));
  const connectors = options.connectors ?? (await loadConnectors(config, { resolveFrom }));
  const { privacy } = options;
  const redact = privacy && ((source: SourceKey, text: string) => privacy.redactText(source, text));
  const healths = new SourceHealths({ clock, logger, redact });
  const { fetch: send, close } = openConnectorFetch({ network, fetchImpl: options.fetchImpl, logger });
  const fetch: typeof send = async (...request) => {
    onRequest?.();
    const sentAtMs = clock.now();
    const answer = await send(...request);
    onAnswer?.(answer, sentAtMs);
    return answer;
  };
  for (const { message, hint } of privacyWarnings(config, connectors)) logger.warn(message, { hint });
  const requests = new ProviderRequests();
  const opener = new EntryOpener({ clock, random, logger, fetch, healths, requests, storageOf });
  const entries = openEntries(config, connectors, { opener, healths, logger });
  return { entries, opener, healths, requests, connectors, close };
}
