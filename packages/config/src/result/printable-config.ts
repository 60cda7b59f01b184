import { isSecret } from "@statewave-connectors/connector-sdk/secrets";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import type { ConnectorsConfig } from "./connectors-config.ts";
import { type OptionsOwner, provenanceOf, replacedKeysOf } from "./provenance.ts";
import { formatPath, type TomlPath } from "../toml/toml-path.ts";
import { withoutUserInfo } from "./without-user-info.ts";

/** A config as `validate-config` and `describe()` may show it: the same shape, without functions, every hidden value `***`. */
export type PrintableConfig = Readonly<Record<string, unknown>>;

const mask = "***";
/** Of an owner of options: what follows from its other keys, and the options, which are printed as they were written. */
const unprinted: ReadonlySet<string> = new Set(["livesIn", "options"]);

/**
 * The config without secrets: values from `${…}` and those that their schema marks as secret are `***`, URLs have no user info. Options
 * that `loadConfig` did not make are hidden.
 */
export function printableConfig(config: ConnectorsConfig): PrintableConfig {
  return {
    path: config.path,
    baseDir: config.baseDir,
    statewave: printTable(config.statewave),
    runner: {
      ...printTable(config.runner),
      state: printOwner(config.runner.state),
      inbox: printOwner(config.runner.inbox),
    },
    ...(config.privacy !== undefined && { privacy: printTable(config.privacy) }),
    ...(config.notices !== undefined && { notices: printTable(config.notices) }),
    pull: config.pull.map((entry) => printOwner(entry)),
    push: config.push.map((entry) => printOwner(entry)),
    connectorPackages: printTable(config.connectorPackages),
  };
}

function printTable(table: object, hidden = replacedKeysOf(table)): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, hidden.has(key) ? mask : printValue(value)]));
}

function printValue(value: unknown): unknown {
  if (isSecret(value)) return String(value);
  if (typeof value === "string") return withoutUserInfo(value);
  if (Array.isArray(value)) return value.map(printValue);
  return isTable(value) ? printTable(value) : value;
}

function printOwner(owner: OptionsOwner): Record<string, unknown> {
  const provenance = provenanceOf(owner);
  const written = "schedule" in owner ? { ...owner, schedule: owner.schedule.text } : owner;
  const common = Object.fromEntries(Object.entries(written).filter(([key]) => !unprinted.has(key)));
  return {
    ...printTable(common, replacedKeysOf(owner)),
    options: provenance === undefined ? mask : printWritten(provenance.written, [], provenance.hidden),
  };
}

function printWritten(value: unknown, path: TomlPath, hidden: ReadonlySet<string>): unknown {
  if (hidden.has(formatPath(path))) return mask;
  if (isSecret(value)) return String(value);
  if (typeof value === "string") return withoutUserInfo(value);
  if (Array.isArray(value)) return value.map((item, index) => printWritten(item, [...path, index], hidden));
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printWritten(inner, [...path, key], hidden)]));
}
