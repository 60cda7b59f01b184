import type { ConnectorsConfig } from "@statewave-connectors/config";
import {
  type Clock,
  type Connector,
  ConnectorsError,
  type ConnectorContext,
  isConnectorsError,
  type Logger,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import {
  capabilitiesOf,
  type Capability,
  formatSourceKey,
  type OpenedSources,
  toError,
  type SeedPoint,
} from "@statewave-connectors/connector-sdk/host";
import { assertVerifies } from "@statewave-connectors/connector-sdk/receive";
import type { ProviderRequests } from "../network/provider-requests.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { OpenedPush } from "../push/opened-push.ts";
import { requireOpened } from "./require-opened.ts";
import type { StorageOf } from "../state/source-storages.ts";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import { unopenedReceiver, unopenedSource } from "./unopened-entry.ts";

export interface Surroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetch: typeof globalThis.fetch;
  readonly logger: Logger;
  /** Where connectors report the health of their sources. */
  readonly healths: SourceHealths;
  /** Counts the requests of pull sources. Default: nothing does. */
  readonly requests?: ProviderRequests;
  readonly storageOf: StorageOf;
}

export interface OpenedEntries {
  readonly pulls: readonly OpenedPull[];
  readonly pushes: readonly OpenedPush[];
}

/**
 * Opens every entry of the configuration with its connector. No I/O: connectors promise that. One that cannot be opened is logged, is
 * unhealthy, and fails whenever it is used; when there is no other, the first error is thrown.
 */
export function openEntries(
  config: ConnectorsConfig,
  connectors: ReadonlyMap<string, Connector>,
  { healths, requests, storageOf, ...surroundings }: Surroundings,
): OpenedEntries {
  const contextOf = (
    direction: "pull" | "push",
    key: SourceKey,
    { subject, pull: twin }: { readonly subject?: string | undefined; readonly pull?: string | undefined },
  ): ConnectorContext => ({
    ...surroundings,
    fetch: direction === "pull" ? (requests?.counting(key, surroundings.fetch) ?? surroundings.fetch) : surroundings.fetch,
    logger: surroundings.logger.child({ kind: key.kind, name: key.name }),
    reportHealth: (health) => healths.of(direction, key).reported(health),
    storage: storageOf(direction, key),
    source: key,
    baseDir: config.baseDir,
    ...(subject === undefined ? {} : { subject }),
    ...(twin === undefined ? {} : { twin }),
  });
  const errors: ConnectorsError[] = [];
  const unopened = (direction: "pull" | "push", key: SourceKey, thrown: unknown) => {
    const cause = toError(thrown);
    const code = "RUNNER_ENTRY_OPEN";
    const message = `the connector could not open ${formatSourceKey(key)}: ${cause.message}`;
    const hint = hintOf(cause) ?? "report it to the author of the connector, unless an option is wrong";
    const error = new ConnectorsError({ code, message, hint, cause });
    errors.push(error);
    surroundings.logger.error("an entry cannot be opened", { direction, source: formatSourceKey(key), error });
    healths.of(direction, key).reported({ ok: false, code, message, hint });
    return error;
  };
  const pulls = config.pull.map((entry): OpenedPull => {
    const key = { kind: entry.kind, name: entry.name };
    const connector = connectors.get(entry.kind);
    const declaration = connector?.pull ?? missing(key, "pull");
    const source = openedOr(
      () => {
        const opening = declaration.open(entry.options, contextOf("pull", key, entry));
        requireOpened(opening, "pull");
        return opening;
      },
      (cause) => unopenedSource(unopened("pull", key, cause)),
    );
    const isTwin = config.push.some(({ kind, pull }) => kind === entry.kind && pull === entry.name);
    const capabilities = capabilitiesFor("pull", connector, { pull: source });
    const { rights = [] } = declaration;
    const seed = declaration.seed === undefined ? undefined : (start: SeedPoint) => declaration.seed!(entry.options, start);
    return { key, entry, connectorVersion: connector?.version ?? "0.0.0", source, seed, rights, capabilities, isTwin };
  });
  const pushes = config.push.map((entry): OpenedPush => {
    const key = { kind: entry.kind, name: entry.name };
    const connector = connectors.get(entry.kind);
    const declaration = connector?.push ?? missing(key, "push");
    let fault: ConnectorsError | undefined;
    const receiver = openedOr(
      () => {
        const opening = declaration.open(entry.options, contextOf("push", key, entry));
        requireOpened(opening, "push");
        assertVerifies(opening);
        return opening;
      },
      (cause) => unopenedReceiver((fault = unopened("push", key, cause))),
    );
    const capabilities = capabilitiesFor("push", connector, { push: receiver });
    const { rights = [], maxBodyBytes } = declaration;
    const connectorVersion = connector?.version ?? "0.0.0";
    return { key, entry, connectorVersion, receiver, fault, rights, capabilities, maxBodyBytes };
  });
  const [first] = errors;
  if (first !== undefined && errors.length === pulls.length + pushes.length) throw first;
  return { pulls, pushes };
}

function openedOr<Opened>(open: () => Opened, instead: (cause: unknown) => Opened): Opened {
  try {
    return open();
  } catch (cause) {
    return instead(cause);
  }
}

function capabilitiesFor(
  direction: "pull" | "push",
  connector: Connector | undefined,
  opened: OpenedSources,
): readonly Capability[] {
  const all = connector === undefined ? [] : capabilitiesOf(connector, opened);
  return all.filter((capability) => capability.startsWith(`${direction}.`));
}

function hintOf(cause: Error): string | undefined {
  return isConnectorsError(cause) ? cause.hint : undefined;
}

function missing(key: SourceKey, direction: "pull" | "push"): never {
  throw new ConnectorsError({
    code: "RUNNER_NO_CONNECTOR",
    message: `no connector for [[${direction}.${key.kind}]] was handed to the runner`,
    hint: "pass the connectors that loadConfig() returned, or none and let the runner load them",
  });
}
