import { ConfigInvalidError } from "@statewave-connectors/config";
import {
  loadNamedConnector,
  type NamedConnector,
  readOptionArguments,
  type StarterEntry,
} from "@statewave-connectors/config/setup";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";
import type { DirectionChoice, SourceFlags } from "./init-draft.ts";

/** The options of an entry, as far as they are known. */
export type DraftOptions = StarterEntry["options"];

/** What is known of one source: each entry has the options that it knows. */
export interface SourceDraft {
  readonly name?: string | undefined;
  readonly schedule?: string | undefined;
  readonly named: NamedConnector;
  readonly direction: DirectionChoice;
  readonly options: DraftOptions;
}

/** A source of the command line. Throws `CONFIG_INVALID` for options that cannot be read, and as `loadNamedConnector` does. */
export async function draftOf(flags: SourceFlags, places: Parameters<typeof loadNamedConnector>[1]): Promise<SourceDraft> {
  const named = await loadNamedConnector(flags.source, places);
  const { table, problems } = readOptionArguments(flags.options);
  const { kind, pull, push } = named.connector;
  const direction = flags.direction ?? (pull === undefined ? "push" : "pull");
  const lacking = (["pull", "push"] as const).filter((each) => wants(direction, each) && named.connector[each] === undefined);
  const found = [
    ...problems,
    ...lacking.map((each) => ({
      path: "--direction",
      message: each === "pull" ? `${kind} cannot be read on a schedule` : `${kind} takes no webhooks`,
      hint: `write --direction ${pull === undefined ? "push" : "pull"}`,
    })),
    ...(push === undefined && pull === undefined ? [{ path: "--source", message: `${kind} can do nothing` }] : []),
  ];
  if (found.length > 0) throw new ConfigInvalidError(`--source ${flags.source}`, found);
  return { named, direction, options: table, name: flags.name, schedule: flags.schedule };
}

export function wants(direction: DirectionChoice, each: "pull" | "push"): boolean {
  return direction === "both" || direction === each;
}

/** The entries of a source: with both, the receiver names the pull as its twin. An option goes to each of them that knows it. */
export function entriesOf({ named, direction, options, name = "main", schedule }: SourceDraft): readonly StarterEntry[] {
  const { connector, override } = named;
  const { kind } = connector;
  return (["pull", "push"] as const).flatMap((each) => {
    const declaration = connector[each];
    if (declaration === undefined || !wants(direction, each)) return [];
    const known = new Set(describeOptions(declaration.config).map(({ key }) => key));
    const isOther = (key: string) =>
      direction === "both" && known.size > 0 && !known.has(key) && knowsOther(connector, each, key);
    const own = Object.fromEntries(Object.entries(options).filter(([key]) => !isOther(key)));
    const twin = each === "push" && direction === "both" ? { pull: name } : {};
    return [
      {
        direction: each,
        kind,
        name,
        options: own,
        schema: declaration.config,
        override,
        ...twin,
        ...(each === "pull" && { schedule }),
      },
    ];
  });
}

function knowsOther(connector: NamedConnector["connector"], direction: "pull" | "push", key: string): boolean {
  const other = direction === "pull" ? connector.push : connector.pull;
  return describeOptions(other?.config).some((option) => option.key === key);
}
