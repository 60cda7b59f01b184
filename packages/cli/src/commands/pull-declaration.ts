import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type Connector, ConnectorsError, type PullDeclaration, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { unknownSource } from "./unknown-source.ts";

/** What a connector may be able to do with a cursor. */
type Ability = "seed" | "resetStream";

/** A function of a connector for one of its entries, and the options of that entry. */
export interface EntryAbility<Name extends Ability> {
  readonly call: NonNullable<PullDeclaration<unknown>[Name]>;
  readonly options: unknown;
}

const lacks: Readonly<Record<Ability, string>> = {
  seed: "cannot begin at a moment",
  resetStream: "has no streams that are reset separately",
};

/** Throws `RUNNER_ENTRY_UNKNOWN`, and `PULL_ABILITY_MISSING` when the connector of the entry is not able to do that. */
export async function abilityOf<Name extends Ability>(
  name: Name,
  source: SourceKey,
  { config, connectors }: { readonly config: ConnectorsConfig; readonly connectors: ReadonlyMap<string, Connector> },
): Promise<EntryAbility<Name>> {
  const entry = config.pull.find((each) => formatSourceKey(each) === formatSourceKey(source));
  if (entry === undefined) throw await unknownSource(source, config);
  const call = connectors.get(source.kind)?.pull?.[name];
  if (call !== undefined) return { call, options: entry.options };
  const able = config.pull.filter(({ kind }) => connectors.get(kind)?.pull?.[name] !== undefined).map(formatSourceKey);
  throw new ConnectorsError({
    code: "PULL_ABILITY_MISSING",
    message: `the connector of ${formatSourceKey(source)} ${lacks[name]}`,
    hint: `run \`statewave-connectors state reset ${formatSourceKey(source)}\` to read it from its beginning; ${able.length === 0 ? "no other source of this configuration does better" : `these sources can: ${able.join(", ")}`}`,
  });
}
