import { aiTokens } from "./ai-tokens.ts";
import { businessTokens } from "./business-tokens.ts";
import { cloudTokens } from "./cloud-tokens.ts";
import { codeTokens } from "./code-tokens.ts";
import { messagingTokens } from "./messaging-tokens.ts";
import { standardTokens } from "./standard-tokens.ts";
import type { TokenRule } from "./token-rule.ts";

/** Every documented token format that is known. */
export const tokenRules: readonly TokenRule[] = [
  ...standardTokens,
  ...codeTokens,
  ...cloudTokens,
  ...messagingTokens,
  ...aiTokens,
  ...businessTokens,
];
