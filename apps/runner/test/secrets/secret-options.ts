import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Connector } from "@statewave-connectors/connector-sdk";
import { describeOptions } from "@statewave-connectors/connector-sdk/schema";

const packages = new URL("../../../../packages/", import.meta.url);

type Direction = "pull" | "push";
export type Entry = Readonly<Record<string, unknown>>;

/** One option that a schema marks secret, and an entry that shows how it is used. */
export interface SecretOption {
  readonly kind: string;
  readonly direction: Direction;
  readonly option: string;
  /** Of the connector's README. */
  readonly example: Entry;
}

/** Every connector of the repository, and its module. */
export const connectorModules: ReadonlyMap<string, string> = new Map(
  readdirSync(packages)
    .filter((name) => name.startsWith("connector-") && name !== "connector-sdk")
    .map((name) => [name.slice("connector-".length), fileURLToPath(new URL(`${name}/src/index.ts`, packages))]),
);

/** Every option that a connector's schema marks secret: a new connector is included by itself. */
export async function secretOptions(): Promise<readonly SecretOption[]> {
  const found: SecretOption[] = [];
  for (const [kind, path] of connectorModules) {
    const { connector } = (await import(/* @vite-ignore */ path)) as { readonly connector: Connector };
    for (const direction of ["pull", "push"] as const) {
      const secrets = describeOptions(connector[direction]?.config).filter(({ secret }) => secret);
      if (secrets.length === 0) continue;
      const example = exampleOf(kind, direction);
      found.push(...secrets.map(({ key }) => ({ kind, direction, option: key, example })));
    }
  }
  return found;
}

/** The first entry of this kind in the connector's README, read line by line: keys of one line each. */
function exampleOf(kind: string, direction: Direction): Entry {
  const readme = readFileSync(new URL(`connector-${kind}/README.md`, packages), "utf8");
  const [, block = ""] = readme.split(`[[${direction}.${kind}]]\n`);
  const entry: Record<string, unknown> = {};
  for (const line of block.split("\n")) {
    const [, key, value] = /^(\w+) = (".*?"|\[.*?\]|\d+|true|false|\{.*?\})/.exec(line) ?? [];
    if (key === undefined || value === undefined) break;
    entry[key] = JSON.parse(value.startsWith("{") ? value.replaceAll(/(\w+) = /g, '"$1": ') : value);
  }
  return entry;
}
