import * as v from "valibot";
import { kindPattern } from "./kind.ts";
import { about } from "./pieces.ts";

/** The names of redaction rules; whether there are rules of these names is checked apart. */
export const ruleNames = () => v.array(v.string());

/** A `[[privacy.rule]]`. */
export const privacyRuleTable = v.object({
  name: v.pipe(
    v.string(),
    v.regex(kindPattern, "expected a-z, 0-9, - and _, beginning with a letter or digit"),
    v.maxLength(64),
    about("Stands in the replacement: `[redacted: <name>]`."),
  ),
  pattern: v.pipe(
    v.string(),
    v.minLength(1, "expected a pattern"),
    v.maxLength(4096),
    about("What is replaced, in the [syntax of RE2](https://github.com/google/re2/wiki/Syntax)."),
  ),
});

/** Each rule searches each text. */
const maxRules = 100;

/** `[privacy]`. */
export const privacyTable = v.object({
  redact: v.pipe(
    v.optional(ruleNames(), []),
    about(
      'What is replaced in every episode before it leaves the process or is shown: `"secrets"`, `"email"`, `"phone"`, `"card"`. Own rules apply without being listed.',
      "list of rules",
    ),
  ),
  rule: v.optional(v.pipe(v.array(privacyRuleTable), v.maxLength(maxRules, `expected at most ${maxRules} rules`)), []),
});
