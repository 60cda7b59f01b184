import { Decoder, escapeMatcher } from "./decode.ts";
import { Dispatch } from "./dispatch.ts";
import { fold, type Folded } from "./fold.ts";
import { type CompiledRule, compileRules, ownHits, type OwnRule } from "./own-rules.ts";
import { cardMatcher } from "./personal/match-card.ts";
import { emailMatcher } from "./personal/match-email.ts";
import { phoneMatcher } from "./personal/match-phone.ts";
import { type Hit, type Matcher, Scan } from "./scan.ts";
import { isSecretValue } from "./secrets/judge-value.ts";
import { secretMatchers } from "./secrets/matchers.ts";
import { urlUserMatcher } from "./secrets/match-url-user.ts";
import { secretKindOf } from "./secrets/secret-names.ts";
import { secretsNearKeyIds } from "./secrets/secret-near-key-id.ts";
import { secretsRule } from "./secrets/secrets-rule.ts";

/** The rules that need no pattern. */
export const builtInRules = ["secrets", "email", "phone", "card"] as const;
export type BuiltInRule = (typeof builtInRules)[number];

export interface RedactorOptions {
  readonly builtIn: readonly BuiltInRule[];
  readonly own?: readonly OwnRule[];
}

/** A text with what the rules found replaced, and the work that finding it took. */
export interface Redaction {
  readonly text: string;
  readonly hits: readonly Hit[];
  /** Characters looked at and rules tried: proportional to the text, whatever it holds. Patterns of one's own are not counted. */
  readonly steps: number;
}

/** Replaces what some rules find by `[redacted: <rule>]`. Pure: the same text always gives the same result. */
export interface Redactor {
  /** The names of its rules. */
  readonly rules: readonly string[];
  redact(text: string): string;
  /** A value that bears a name: `{ "password": "…" }` holds a secret that its value alone does not show. */
  redactField(name: string, value: string): string;
  examine(text: string): Redaction;
}

/** Opens a redactor. Rejects when a pattern cannot be read; see `patternProblem`. */
export async function openRedactor({ builtIn, own = [] }: RedactorOptions): Promise<Redactor> {
  return new RuleRedactor(builtIn, await compileRules(own));
}

const none: readonly Hit[] = [];
/** No rule of ours finds anything in less. */
const shortest = 6;

class RuleRedactor implements Redactor {
  readonly rules: readonly string[];
  readonly #dispatch: Dispatch;
  readonly #own: readonly CompiledRule[];
  readonly #findsSecrets: boolean;
  readonly #scan = new Scan();
  readonly #decoder = new Decoder();
  #steps = 0;

  constructor(builtIn: readonly BuiltInRule[], own: readonly CompiledRule[]) {
    const chosen = builtInRules.filter((rule) => builtIn.includes(rule));
    this.rules = [...chosen, ...own.map(({ name }) => name)];
    this.#dispatch = new Dispatch(matchersOf(chosen));
    this.#own = own;
    this.#findsSecrets = chosen.includes("secrets");
  }

  redact(text: string): string {
    return this.examine(text).text;
  }

  redactField(name: string, value: string): string {
    const kind = this.#findsSecrets ? secretKindOf(name) : undefined;
    return kind !== undefined && isSecretValue(value, kind, true) ? markOf(secretsRule) : this.redact(value);
  }

  examine(text: string): Redaction {
    this.#steps = text.length;
    const found = text.length < shortest ? none : this.#find(text);
    const own = this.#own.length === 0 ? none : this.#own.flatMap((rule) => ownHits(rule, text));
    const steps = this.#steps;
    if (found.length + own.length === 0) return { text, hits: none, steps };
    const hits = united([...found, ...own]);
    return { text: replaced(text, hits), hits, steps };
  }

  /** In the text as it stands, and in its parts that hold escapes. Most texts need no folding and have no escapes: both cost a copy. */
  #find(text: string): readonly Hit[] {
    const direct = this.#pass(text);
    if (direct !== undefined && this.#scan.escapes.length === 0) return direct;
    const folded = direct === undefined ? fold(text) : { text };
    const found = direct ?? this.#pass(folded.text) ?? none;
    return toOriginal([...found, ...this.#findEscaped(folded.text)], folded);
  }

  /** What escapes hide: `ghp%5F…`, `{\"password\":\"…`. */
  #findEscaped(text: string): readonly Hit[] {
    const decoded = this.#decoder.decode(text, this.#scan.escapes);
    const found = decoded === undefined ? undefined : this.#pass(decoded.text);
    if (decoded === undefined || found === undefined) return none;
    const { offsets } = decoded;
    return found.map(({ start, end, rule }) => ({ start: offsets[start]!, end: offsets[end]!, rule }));
  }

  /** Undefined when the text has to be folded first. */
  #pass(text: string): readonly Hit[] | undefined {
    const scan = this.#scan;
    scan.reset(text);
    const found = this.#dispatch.find(scan);
    const near = this.#findsSecrets && found !== undefined && found.length > 0 ? secretsNearKeyIds(scan, found) : none;
    this.#steps += scan.steps;
    return found === undefined || near.length + scan.ahead.length === 0 ? found : [...found, ...near, ...scan.ahead];
  }
}

function matchersOf(rules: readonly BuiltInRule[]): readonly Matcher[] {
  const of: Readonly<Record<BuiltInRule, readonly Matcher[]>> = {
    secrets: secretMatchers,
    email: rules.includes("secrets") ? [emailMatcher] : [userNames, emailMatcher],
    card: [cardMatcher],
    phone: [phoneMatcher],
  };
  // A card is tried before a phone number: its check digit says more.
  const matchers = (["secrets", "email", "card", "phone"] as const)
    .filter((rule) => rules.includes(rule))
    .flatMap((rule) => of[rule]);
  return matchers.length === 0 ? [] : [escapeMatcher, ...matchers];
}

/** Without the rule `secrets`, the user of a URL is still no e-mail address. */
const userNames: Matcher = {
  ...urlUserMatcher,
  match(scan, at) {
    urlUserMatcher.match(scan, at);
    return undefined;
  },
};

function toOriginal(hits: readonly Hit[], { offsets }: Folded): readonly Hit[] {
  if (offsets === undefined) return hits;
  return hits.map(({ start, end, rule }) => ({ start: offsets[start] ?? start, end: (offsets[end - 1] ?? end - 1) + 1, rule }));
}

/** In order, and what overlaps made one: the whole is covered, and bears the name of the first. */
function united(hits: readonly Hit[]): readonly Hit[] {
  const result: Hit[] = [];
  for (const hit of hits.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = result.at(-1);
    if (last === undefined || hit.start >= last.end) result.push(hit);
    else if (hit.end > last.end) result[result.length - 1] = { ...last, end: hit.end };
  }
  return result;
}

function replaced(text: string, hits: readonly Hit[]): string {
  let shown = "";
  let from = 0;
  for (const { start, end, rule } of hits) {
    shown += text.slice(from, start) + markOf(rule);
    from = end;
  }
  return shown + text.slice(from);
}

/** What stands in the place of a hit: the rule's name as it is configured. */
function markOf(rule: string): string {
  return `[redacted: ${rule}]`;
}
