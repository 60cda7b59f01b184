import type { Table } from "@statewave-connectors/config/file";
import { describeOptions, isTable, type OptionDescription } from "@statewave-connectors/connector-sdk/schema";
import { type MovedDirection, pathOptions, wasUsed } from "./earlier-options.ts";

/** What became of one option of an entry. */
export interface OptionNote {
  readonly option: string;
  /** What it is called here, where it has another name. */
  readonly to?: string;
  /** `kept` is noted only with another name or without an effect before. `added`: required here, and not in the earlier file. */
  readonly fate: "kept" | "left out" | "added";
  /** Whether the earlier runner did something with it. */
  readonly hadEffect: boolean;
  /** Why it was left out, where there is such an option. */
  readonly why?: string;
}

export interface ConvertedOptions {
  readonly options: Table;
  readonly notes: readonly OptionNote[];
}

export interface ConversionRequest {
  readonly direction: MovedDirection;
  readonly kind: string;
  /** The connector's own options, as they stand in the earlier file. */
  readonly own: Table;
  /** The schema of the connector's options. */
  readonly schema: unknown;
  /** A path of the earlier file, as the new one has to write it. */
  readonly movedPath: (path: string) => string;
}

/** The options of an entry under the names that they have here. */
export function convertOptions({ direction, kind, own, schema, movedPath }: ConversionRequest): ConvertedOptions {
  const known = describeOptions(schema);
  const options: Table = {};
  const notes: OptionNote[] = [];
  for (const [option, value] of Object.entries(own)) {
    const hadEffect = wasUsed(direction, kind, option) ?? true;
    const target = targetOf(option, known);
    if (target === undefined || Object.hasOwn(options, target.key)) {
      notes.push({ option, fate: "left out", hadEffect });
      continue;
    }
    options[target.key] = toValue(pathOptions.includes(option) ? movePaths(value, movedPath) : value, option, target);
    if (target.key !== option || !hadEffect)
      notes.push({ option, fate: "kept", hadEffect, ...(target.key !== option && { to: target.key }) });
  }
  for (const { key, required } of known) {
    if (required && !Object.hasOwn(options, key)) notes.push({ option: key, fate: "added", hadEffect: false });
  }
  return { options, notes };
}

const seconds = /_sec$/;

/** The option of that name, or the one that declares it as another name; without `_sec` where the unit is part of it. */
function targetOf(option: string, known: readonly OptionDescription[]): OptionDescription | undefined {
  const named = (name: string) => known.find(({ key, aliases = [] }) => key === name || aliases.includes(name));
  return named(option) ?? (seconds.test(option) ? named(option.replace(seconds, "")) : undefined);
}

function toValue(value: unknown, option: string, { key, type }: OptionDescription): unknown {
  if (typeof value === "number" && seconds.test(option) && key !== option) return `${value}s`;
  const wantsText = type === "string" || type.startsWith("list of");
  if (wantsText && Array.isArray(value))
    return value.map((item: unknown) => (typeof item === "number" ? String(item) : toReferences(item)));
  return toReferences(value);
}

function movePaths(value: unknown, movedPath: (path: string) => string): unknown {
  return typeof value === "string" && !value.includes("${") ? movedPath(value) : value;
}

/** The references that the earlier runner replaced; every other `${` was a text there. */
const earlierReference = /^\$\{[A-Z_][A-Z0-9_]*(?::-[^}]*)?\}/;

/** A value as it has to be written so that the same texts are references as before. */
export function toReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toReferences);
  if (isTable(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toReferences(inner)]));
  if (typeof value !== "string") return value;
  return value.replaceAll(/\$\$|\$\{/g, (found, at: number) =>
    found === "$$" || earlierReference.test(value.slice(at)) ? found : `$${found}`,
  );
}
