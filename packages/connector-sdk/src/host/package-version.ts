import { readFileSync } from "node:fs";

/**
 * The version of the package that a program belongs to: call it with `import.meta.url` from a file directly in `src` or `dist`.
 * A library writes its version into its code instead: a bundler leaves its package.json behind. Where none can be read, "0.0.0".
 */
export function packageVersion(importMetaUrl: string): string {
  try {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", importMetaUrl), "utf8")) as { version?: unknown };
    return typeof version === "string" ? version : "0.0.0";
  } catch {
    return "0.0.0";
  }
}
