import { configJsonSchema } from "@statewave-connectors/config";

/** Every secret of the tables that belong to no connector and no store, e.g. `runner.admin.token`: a new one is included by itself. */
export function coreSecrets(): readonly string[] {
  return secretsIn(configJsonSchema({ connectors: [], cursorStores: new Map(), inboxes: new Map() }), []);
}

function secretsIn(schema: unknown, path: readonly string[]): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { writeOnly, properties, items, anyOf } = schema as Readonly<Record<string, unknown>>;
  if (writeOnly === true) return [path.join(".")];
  const below = typeof properties === "object" ? Object.entries(properties ?? {}) : [];
  const alternatives = Array.isArray(anyOf) ? (anyOf as readonly unknown[]) : [];
  return [
    ...below.flatMap(([key, inner]) => secretsIn(inner, [...path, key])),
    ...[items, ...alternatives].flatMap((inner) => secretsIn(inner, path)),
  ];
}

/** Where texts with `mark` stand in a parsed file, named as above. */
export function placesOf(mark: string, value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value === "string") return value.includes(mark) ? [path.join(".")] : [];
  if (Array.isArray(value)) return value.flatMap((item) => placesOf(mark, item, path));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placesOf(mark, inner, [...path, key]));
}
