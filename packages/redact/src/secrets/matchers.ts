import type { Matcher } from "../scan.ts";
import { argumentMatcher, assignmentMatcher } from "./match-assignment.ts";
import { commandMatcher } from "./match-command.ts";
import { labelMatchers } from "./match-label.ts";
import { keyMaterialMatcher } from "./match-key-material.ts";
import { connectionMatcher } from "./match-connection.ts";
import { jwtMatcher } from "./match-jwt.ts";
import { bearerMatcher, elementMatcher, flagMatcher } from "./match-named-value.ts";
import { privateKeyMatcher } from "./match-private-key.ts";
import { tableMatcher } from "./match-table.ts";
import { TokenMatcher } from "./match-token.ts";
import { urlUserMatcher } from "./match-url-user.ts";
import { tokenRules } from "./token-rules.ts";

/** Everything that the rule `secrets` looks for. */
export const secretMatchers: readonly Matcher[] = [
  privateKeyMatcher,
  keyMaterialMatcher,
  urlUserMatcher,
  jwtMatcher,
  connectionMatcher,
  ...tokenRules.map((rule) => new TokenMatcher(rule)),
  assignmentMatcher,
  elementMatcher,
  bearerMatcher,
  flagMatcher,
  argumentMatcher,
  commandMatcher,
  tableMatcher,
  ...labelMatchers,
];
