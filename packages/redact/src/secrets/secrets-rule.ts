/** The name of the rule that replaces tokens, keys and passwords. */
export const secretsRule = "secrets";
