import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Connector, ConnectorsError, Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryName } from "../entry-name.ts";
import type { SourceHealths } from "../health/sources/source-healths.ts";
import { type EntryOpener, openingHint } from "./entry-opener.ts";
import { LiveEntries } from "./live-entries.ts";
import { unopenedReceiver, unopenedSource } from "./unopened-entry.ts";

/**
 * Opens every entry of the configuration. One that cannot be opened is logged, is unhealthy, and fails whenever it is used; when there is no
 * other, the first error is thrown.
 */
export function openEntries(
  config: ConnectorsConfig,
  connectors: ReadonlyMap<string, Connector>,
  { opener, healths, logger }: { readonly opener: EntryOpener; readonly healths: SourceHealths; readonly logger: Logger },
): LiveEntries {
  const errors: ConnectorsError[] = [];
  const unopened = ({ direction, source }: EntryName, error: ConnectorsError) => {
    const { code, message, hint = openingHint } = error;
    errors.push(error);
    logger.error("an entry cannot be opened", { direction, source: formatSourceKey(source), error });
    healths.of(direction, source).reported({ ok: false, code, message, hint });
    return error;
  };
  const pulls = config.pull.map((entry) =>
    opener.openPull({ config, entry, connector: connectors.get(entry.kind) }, (error) =>
      unopenedSource(unopened({ direction: "pull", source: entry }, error)),
    ),
  );
  const pushes = config.push.map((entry) =>
    opener.openPush({ config, entry, connector: connectors.get(entry.kind) }, (error) =>
      unopenedReceiver(unopened({ direction: "push", source: entry }, error)),
    ),
  );
  const [first] = errors;
  if (first !== undefined && errors.length === pulls.length + pushes.length) throw first;
  return new LiveEntries(pulls, pushes);
}
