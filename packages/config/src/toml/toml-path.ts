import type { OptionPath } from "@statewave-connectors/connector-sdk/schema";

/** Where something stands in the file. */
export type TomlPath = OptionPath;

/** Where something stands. */
export interface PlaceInFiles {
  /** The included file; absent: the configuration file itself. */
  readonly file?: string;
  /** In that file. */
  readonly path: TomlPath;
  readonly line?: number | undefined;
}

/** Tables and arrays inside each other; also what keeps every later walk over the values off the limits of the stack. */
export const maxDepth = 32;

const bareKey = /^[A-Za-z0-9_-]+$/;

/** A path the way people write it, e.g. `pull.github[0].schedule`; keys that TOML would quote are quoted. */
export function formatPath(path: TomlPath): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else text += (text === "" ? "" : ".") + (bareKey.test(segment) ? segment : JSON.stringify(segment));
  }
  return text;
}

/** Where in the file something stands, by its path in the table that is checked. */
export type Placement = (path: TomlPath) => TomlPath;

/** Of a table that stands in the file as it is. */
export function below(at: TomlPath): Placement {
  return (path) => [...at, ...path];
}
