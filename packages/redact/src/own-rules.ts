import type { RE2JS } from "re2js";
import type { Hit } from "./scan.ts";

/** A rule of the operator: what its pattern matches is replaced. */
export interface OwnRule {
  readonly name: string;
  /** In the syntax of RE2, without look-around and back-references: a match takes time proportional to the text that it looks at. */
  readonly pattern: string;
}

/** A rule whose pattern was compiled. */
export interface CompiledRule {
  readonly name: string;
  readonly pattern: RE2JS;
}

/**
 * Compiles patterns. `re2js` runs each search in time proportional to the text, whatever the pattern: the engine of Node would let one careless
 * pattern stop the process. It is 700 KB, so it is loaded only when there is a pattern.
 */
export async function compileRules(rules: readonly OwnRule[]): Promise<readonly CompiledRule[]> {
  if (rules.length === 0) return [];
  const { RE2JS } = await import("re2js");
  return rules.map(({ name, pattern }) => ({ name, pattern: RE2JS.compile(pattern) }));
}

/** What is wrong with a pattern; undefined when it can be used. */
export async function patternProblem(pattern: string): Promise<string | undefined> {
  const { RE2JS } = await import("re2js");
  try {
    return RE2JS.compile(pattern).matcher("").find() ? "it matches an empty text" : undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "it cannot be read";
  }
}

/** A search may look to the end of the text, however short its match, and is counted so: the work on one text is bounded. Characters. */
const maxLookedAt = 4_000_000;

/** Everything that a rule matches. When it has looked at {@link maxLookedAt} the rest of the text is one hit: nothing is let through unseen. */
export function ownHits({ name, pattern }: CompiledRule, text: string): readonly Hit[] {
  const matcher = pattern.matcher(text);
  const hits: Hit[] = [];
  let left = maxLookedAt;
  let from = 0;
  while (matcher.find()) {
    left -= text.length - from;
    from = matcher.end();
    if (from === matcher.start() && left > 0) continue;
    const end = left > 0 ? from : text.length;
    hits.push({ start: matcher.start(), end, rule: name });
    if (end === text.length) break;
  }
  return hits;
}
