import type { Matcher } from "../scan.ts";
import { assignmentMatcher } from "./match-assignment.ts";
import { elementMatcher, flagMatcher, statementMatcher } from "./match-named-value.ts";
import { privateKeyMatcher } from "./match-private-key.ts";
import { TokenMatcher } from "./match-token.ts";
import { urlUserMatcher } from "./match-url-user.ts";
import { tokenRules } from "./token-rules.ts";

/** Everything that the rule `secrets` looks for. */
export const secretMatchers: readonly Matcher[] = [
  privateKeyMatcher,
  urlUserMatcher,
  ...tokenRules.map((rule) => new TokenMatcher(rule)),
  assignmentMatcher,
  elementMatcher,
  flagMatcher,
  statementMatcher,
];
