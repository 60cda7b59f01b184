import { readFileSync } from "node:fs";

/**
 * The version of the package that a module belongs to: call it with `import.meta.url` from a file directly in `src` or `dist`.
 * Reading it keeps the version in one place, where releases write it.
 */
export function packageVersion(importMetaUrl: string): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", importMetaUrl), "utf8")) as { version: string };
  return version;
}
