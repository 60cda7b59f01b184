import { checkOptions } from "../options/check-options.ts";
import { systemClock } from "../contract/clock.ts";
import type { Connector, ConnectorContext } from "../contract/connector.ts";
import { contractError } from "../contract/contract-version.ts";
import { ConnectorsError } from "../contract/errors.ts";
import { silentLogger } from "../contract/logger.ts";
import type { PushReceiver } from "../contract/receiver.ts";
import type { SourceKey } from "../contract/source.ts";
import { storageInMemory } from "../store/record-storage.ts";
import { assertVerifies } from "./decide-webhook.ts";

/** An entry to open. Parts of the context that are absent are those of a plain process. */
export interface OpenPushReceiverOptions extends Partial<Omit<ConnectorContext, "source">> {
  readonly connector: Connector;
  /** Of the entry: episodes and stored events carry it. */
  readonly name: string;
  /** The connector's own keys of a `[[push.<kind>]]` entry. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `toFetchHandler` takes of an opened entry. */
export interface OpenedPushReceiver {
  readonly source: SourceKey;
  readonly receiver: PushReceiver;
  /** The largest body that the provider sends, where the connector declares it. */
  readonly maxBodyBytes?: number;
}

/**
 * Opens a connector's receiver without a runner. Throws `PUSH_OPTION_INVALID` with everything that is wrong with the options, and
 * `PUSH_NO_RECEIVER` for a connector that takes no webhooks, `CONFIG_CONTRACT_UNSUPPORTED` for one made for another contract, and
 * `PUSH_RECEIVER_UNVERIFIED` for one that would take them from anyone.
 *
 * @example toFetchHandler({ ...(await openPushReceiver({ connector, name: "team", options: { signing_secret } })), accept });
 */
export async function openPushReceiver({
  connector,
  name,
  options,
  ...context
}: OpenPushReceiverOptions): Promise<OpenedPushReceiver> {
  const otherContract = contractError(connector);
  if (otherContract !== undefined) throw otherContract;
  const { kind, push } = connector;
  if (push === undefined) {
    throw new ConnectorsError({
      code: "PUSH_NO_RECEIVER",
      message: `the connector "${kind}" takes no webhooks`,
      hint: "run it as a pull source",
    });
  }
  const source = { kind, name };
  const receiver = push.open(await checkOptions("PUSH", push.config, options), {
    baseDir: process.cwd(),
    clock: systemClock,
    random: Math.random,
    fetch: globalThis.fetch,
    logger: silentLogger,
    reportHealth: () => undefined,
    storage: storageInMemory(context.clock ?? systemClock),
    ...context,
    source,
  });
  assertVerifies(receiver);
  return { source, receiver, ...(push.maxBodyBytes !== undefined && { maxBodyBytes: push.maxBodyBytes }) };
}
