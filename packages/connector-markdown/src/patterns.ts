import picomatch from "picomatch";
import type { MarkdownPullOptions } from "./config.ts";

const alwaysExcluded = ["**/node_modules/**", "**/.git/**"];

/** Which files of the folder are documents. Paths are relative to it, with forward slashes. */
export interface Patterns {
  matches(path: string): boolean;
  /** Whether everything in this folder is left out, so that it need not be entered. */
  prunes(folder: string): boolean;
}

/** As in a shell, `*` and `**` in `include` do not reach names that start with a dot; in `exclude` they do. */
export function compilePatterns(options: Pick<MarkdownPullOptions, "include" | "exclude">): Patterns {
  const exclude = [...alwaysExcluded, ...options.exclude];
  const isIncluded = picomatch(options.include);
  const isExcluded = picomatch(exclude, { dot: true });
  // `a/**` also matches `a` itself, and then all that lies in it.
  const isPruned = picomatch(
    exclude.filter((pattern) => pattern.endsWith("/**")),
    { dot: true },
  );
  return { matches: (path) => isIncluded(path) && !isExcluded(path), prunes: (folder) => isPruned(folder) };
}
