import { nameMatcher } from "@statewave-connectors/connector-sdk/options";
import type { MarkdownPullOptions } from "../pull-options.ts";

const alwaysExcluded = ["**/node_modules/**", "**/.git/**"];

/** Which files of the folder are documents. Paths are relative to it, with forward slashes. */
export interface Patterns {
  matches(path: string): boolean;
  /** Whether everything in this folder is left out, so that it need not be entered. */
  prunes(folder: string): boolean;
}

/**
 * As in a shell, `*` and `**` in `include` do not reach names that start with a dot; in `exclude` they do. Neither minds upper and lower
 * case, or how an accent is composed: names come from other systems than the patterns.
 */
export function compilePatterns(options: Pick<MarkdownPullOptions, "include" | "exclude">): Patterns {
  const exclude = [...alwaysExcluded, ...options.exclude.flatMap(withContents)];
  const isIncluded = nameMatcher(options.include, { isPath: true, ignoreCase: true });
  const isExcluded = nameMatcher(exclude, { isPath: true, ignoreCase: true, dot: true });
  // A pattern of all that lies in `a` matches folders in it as well.
  const isPruned = nameMatcher(
    exclude.flatMap((pattern) => (pattern.endsWith("/**") ? [pattern, pattern.slice(0, -"/**".length)] : [])),
    { isPath: true, ignoreCase: true, dot: true },
  );
  return { matches: (path) => isIncluded(path) && !isExcluded(path), prunes: (folder) => isPruned(folder) };
}

/** `drafts/`, and `drafts` in case it is a folder, leave out what is in it. */
function withContents(pattern: string): readonly string[] {
  if (pattern.endsWith("/")) return [`${pattern}**`];
  const last = pattern.slice(pattern.lastIndexOf("/") + 1);
  return /[*?[{(]/.test(last) ? [pattern] : [pattern, `${pattern}/**`];
}
