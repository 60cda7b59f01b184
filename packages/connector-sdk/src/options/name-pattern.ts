import { expandBraces } from "./glob/expand-braces.ts";
import { type GlobSubject, matchesGlob } from "./glob/match-glob.ts";
import { type Glob, groupsOf, parseGlob } from "./glob/parse-glob.ts";

/** How patterns and names are compared. */
export interface NamePatternOptions {
  /** Names are paths with forward slashes: `*` and `?` stay within one name, and `**` spans folders. */
  readonly isPath?: boolean;
  /** `A` is `a`, in any script. */
  readonly ignoreCase?: boolean;
  /** Whether wildcards in paths reach names that begin with a dot; as in a shell they do not. Default false. */
  readonly dot?: boolean;
}

/** Whether a name is one of those that are meant. */
export type NameMatcher = (name: string) => boolean;

/**
 * Matches names against any of several patterns: `*`, `?`, `[a-z]`, `{a,b}` and `{1..3}`, and in paths `**` and groups such as `+(a|b)`.
 * Composed and decomposed letters are the same: macOS and a configuration file often write `ç` differently. No name makes it slow.
 * Throws a RangeError for a pattern that {@link patternProblem} names; options are checked with `namePattern()` and `pathPattern()`.
 */
export function nameMatcher(patterns: readonly string[], options: NamePatternOptions = {}): NameMatcher {
  const { isPath = false, dot = false } = options;
  const candidates = patterns
    .flatMap((pattern) => readPattern(pattern, options))
    .map((glob) => ({ glob, texts: glob.flatMap((node) => (node.type === "text" ? [node.text.join("")] : [])) }));
  return (name) => {
    const text = comparable(name, options);
    // Most names lack a text that the pattern requires, and are judged by this alone.
    const possible = candidates.filter(({ texts }) => texts.every((required) => text.includes(required)));
    if (possible.length === 0) return false;
    const subject: GlobSubject = { name: Array.from(text), isPath, dot };
    return possible.some(({ glob }) => matchesGlob(glob, subject));
  };
}

/** Why a pattern cannot be used; undefined for one that can. */
export function patternProblem(pattern: string, { isPath = false }: NamePatternOptions = {}): string | undefined {
  if (pattern === "") return "must not be empty";
  if (pattern.length > maxPatternLength) return "must have at most 1,000 characters";
  if (expandBraces(pattern) === undefined) return "has more than 1,000 alternatives in its braces";
  return isPath ? groupProblem(pattern) : undefined;
}

/** Groups stand within one name. One in `!(…)`, or that in another, would multiply the work. */
function groupProblem(pattern: string): string | undefined {
  const groups = groupsOf(pattern);
  if (groups.some(({ inside }) => inside.includes("/"))) return "has a slash in a group: write paths in braces, {a/b,c}";
  const isNested = groups.some(({ kind, inside }) => groupsOf(inside).some((inner) => kind === "!" || inner.kind === "!"));
  return isNested ? "has a group in !(…), or !(…) in a group" : undefined;
}

const maxPatternLength = 1_000;

function readPattern(pattern: string, options: NamePatternOptions): readonly Glob[] {
  const { isPath = false } = options;
  const problem = patternProblem(pattern, options);
  if (problem !== undefined) throw new RangeError(`the pattern ${problem}`);
  const plain = comparable(isPath ? withoutDotSlash(pattern) : pattern, options);
  return (expandBraces(plain) ?? []).map((expanded) => parseGlob(expanded, isPath));
}

/** `./docs` is the same as `docs`. */
function withoutDotSlash(pattern: string): string {
  return pattern.startsWith("./") ? withoutDotSlash(pattern.slice(2)) : pattern;
}

/** Two names that a reader takes for the same are the same text. */
function comparable(text: string, { ignoreCase = false }: NamePatternOptions): string {
  const composed = text.normalize("NFC");
  return ignoreCase ? foldCase(composed) : composed;
}

const ascii = /^[\0-\x7f]*$/;

/** Character by character, because lower case depends on the letters around it: a Greek word ends in another sigma. */
function foldCase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return Array.from(text, foldCharacter).join("").normalize("NFC");
}

function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  return Array.from(upper).length === 1 ? upper.toLowerCase() : character.toLowerCase();
}
