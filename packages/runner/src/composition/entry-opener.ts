import type { ConnectorsConfig, PullEntry, PushEntry } from "@statewave-connectors/config";
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
  type SeedPoint,
  toError,
} from "@statewave-connectors/connector-sdk/host";
import { assertVerifies } from "@statewave-connectors/connector-sdk/receive";
import type { EntryDirection } from "../entry-name.ts";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import type { ProviderRequests } from "../network/provider-requests.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { OpenedPush } from "../push/opened-push.ts";
import type { StorageOf } from "../state/source-storages.ts";
import { isTwin } from "./is-twin.ts";
import { requireOpened } from "./require-opened.ts";

export interface OpenerContext {
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

/** For what a connector throws without one. */
export const openingHint = "report it to the author of the connector, unless an option is wrong";

/** What an entry is opened with besides itself. */
interface Opening<Entry> {
  readonly config: Pick<ConnectorsConfig, "baseDir" | "push">;
  readonly entry: Entry;
  /** Undefined: none knows its kind. */
  readonly connector: Connector | undefined;
}

/** Opens entries with their connectors. No I/O: connectors promise that. */
export class EntryOpener {
  readonly #context: OpenerContext;

  constructor(context: OpenerContext) {
    this.#context = context;
  }

  /** Throws `RUNNER_ENTRY_OPEN`, or hands that error to `instead` and uses what this returns. */
  openPull(
    { config, entry, connector }: Opening<PullEntry>,
    instead: (error: ConnectorsError) => OpenedPull["source"] = raise,
  ): OpenedPull {
    const key = keyOf(entry);
    const declaration = connector?.pull ?? missing(key, "pull");
    let fault: ConnectorsError | undefined;
    const orElse = (error: ConnectorsError) => instead((fault = error));
    const source = opened(key, orElse, () => {
      const opening = declaration.open(entry.options, this.#contextOf("pull", config.baseDir, entry));
      requireOpened(opening, "pull");
      return opening;
    });
    const isNamed = isTwin(key, config);
    const capabilities = capabilitiesFor("pull", connector, { pull: source });
    const { rights = [] } = declaration;
    const seedOf = declaration.seed?.bind(declaration);
    const seed = seedOf && ((start: SeedPoint) => seedOf(entry.options, start));
    return {
      key,
      entry,
      connectorVersion: connector?.version ?? "0.0.0",
      source,
      fault,
      seed,
      rights,
      capabilities,
      isTwin: isNamed,
    };
  }

  /** See `openPull`. */
  openPush(
    { config, entry, connector }: Opening<PushEntry>,
    instead: (error: ConnectorsError) => OpenedPush["receiver"] = raise,
  ): OpenedPush {
    const key = keyOf(entry);
    const declaration = connector?.push ?? missing(key, "push");
    let fault: ConnectorsError | undefined;
    const receiver = opened(
      key,
      (error) => instead((fault = error)),
      () => {
        const opening = declaration.open(entry.options, this.#contextOf("push", config.baseDir, entry));
        requireOpened(opening, "push");
        assertVerifies(opening);
        return opening;
      },
    );
    const capabilities = capabilitiesFor("push", connector, { push: receiver });
    const { rights = [], maxBodyBytes } = declaration;
    const connectorVersion = connector?.version ?? "0.0.0";
    return { key, entry, connectorVersion, receiver, fault, rights, capabilities, maxBodyBytes };
  }

  #contextOf(direction: EntryDirection, baseDir: string, entry: PullEntry | PushEntry): ConnectorContext {
    const { healths, requests, storageOf, fetch, logger, clock, random } = this.#context;
    const key = keyOf(entry);
    const twin = "pull" in entry ? entry.pull : undefined;
    return {
      clock,
      random,
      fetch: direction === "pull" ? (requests?.counting(key, fetch) ?? fetch) : fetch,
      logger: logger.child({ kind: key.kind, name: key.name }),
      reportHealth: (health) => healths.of(direction, key).reported(health),
      storage: storageOf(direction, key),
      source: key,
      baseDir,
      ...(entry.subject === undefined ? {} : { subject: entry.subject }),
      ...(twin === undefined ? {} : { twin }),
    };
  }
}

function keyOf({ kind, name }: SourceKey): SourceKey {
  return { kind, name };
}

function opened<Opened>(key: SourceKey, instead: (error: ConnectorsError) => Opened, open: () => Opened): Opened {
  try {
    return open();
  } catch (thrown) {
    const cause = toError(thrown);
    return instead(
      new ConnectorsError({
        code: "RUNNER_ENTRY_OPEN",
        message: `the connector could not open ${formatSourceKey(key)}: ${cause.message}`,
        hint: hintOf(cause) ?? openingHint,
        cause,
      }),
    );
  }
}

function raise(error: ConnectorsError): never {
  throw error;
}

function capabilitiesFor(
  direction: EntryDirection,
  connector: Connector | undefined,
  sources: OpenedSources,
): readonly Capability[] {
  const all = connector === undefined ? [] : capabilitiesOf(connector, sources);
  return all.filter((capability) => capability.startsWith(`${direction}.`));
}

function hintOf(cause: Error): string | undefined {
  return isConnectorsError(cause) ? cause.hint : undefined;
}

function missing(key: SourceKey, direction: EntryDirection): never {
  throw new ConnectorsError({
    code: "RUNNER_NO_CONNECTOR",
    message: `no connector for [[${direction}.${key.kind}]] was handed to the runner`,
    hint: "pass the connectors that loadConfig() returned, or none and let the runner load them",
  });
}
