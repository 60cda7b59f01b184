import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { EngineOptions } from "../composition/engine-options.ts";

/** The pull sources, as `<kind>/<name>`, whose connector reads ranges. Opens no state and reaches no provider. */
export async function rangedSources(options: EngineOptions): Promise<ReadonlySet<string>> {
  const { entries, close } = await openConfiguredEntries(options);
  try {
    const ranged = entries.pulls.filter(({ source }) => source.range !== undefined);
    return new Set(ranged.map(({ key }) => formatSourceKey(key)));
  } finally {
    await close();
  }
}
