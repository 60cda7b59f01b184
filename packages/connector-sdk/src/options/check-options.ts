import type { ConfigSchema, SchemaIssue } from "../contract/config-schema.ts";
import { ConnectorsError } from "../contract/errors.ts";
import { fixedMessagesOf } from "../schema/fixed-messages.ts";
import { issuePath } from "../schema/issue-message.ts";
import { leavesOf } from "../schema/leaves.ts";
import { optionKeys } from "../schema/schema-node.ts";

const owners = {
  STORE: { name: "cursor store", code: "STORE_OPTION_INVALID" },
  INBOX: { name: "inbox", code: "INBOX_OPTION_INVALID" },
  PUSH: { name: "receiver", code: "PUSH_OPTION_INVALID" },
} as const;

/**
 * What a schema makes of the options that code passed to a store, an inbox or a receiver. Throws `STORE_OPTION_INVALID`, `INBOX_OPTION_INVALID` or
 * `PUSH_OPTION_INVALID` with everything that is wrong with them. No value is shown: any of them may be a secret.
 */
export async function checkOptions<Options>(
  area: keyof typeof owners,
  schema: ConfigSchema<Options>,
  options: Readonly<Record<string, unknown>>,
): Promise<Options> {
  const result = await schema["~standard"].validate(options);
  if (result.issues === undefined) return result.value;
  const known = optionKeys(schema);
  const fixed = fixedMessagesOf(schema);
  const problems = result.issues.map((issue) => {
    const message = fixed.has(issue.message) ? issue.message : withoutValues(issue.message, options);
    return describeIssue({ ...issue, message }, options, known);
  });
  const keys = new Set(result.issues.map((issue) => String(issuePath(issue)[0])));
  // A receiver is opened in code, where a secret that is empty mostly comes from the environment.
  const empty = area === "PUSH" ? [...keys].filter((key) => options[key] === "") : [];
  throw new ConnectorsError({
    code: owners[area].code,
    message: `The options of the ${owners[area].name} cannot be used: ${[...new Set(problems)].join("; ")}.`,
    ...(empty.length > 0
      ? { hint: `set ${empty.join(" and ")}: the value is empty, as that of a variable that is not set` }
      : known !== undefined && { hint: `Its options are ${known.join(", ")}.` }),
  });
}

function describeIssue(
  issue: SchemaIssue,
  options: Readonly<Record<string, unknown>>,
  known: readonly string[] | undefined,
): string {
  const path = issuePath(issue).map(String);
  const [key] = path;
  if (key === undefined) return issue.message;
  if (known !== undefined && !known.includes(key)) return `${key} is not an option`;
  if (path.length === 1 && options[key] === undefined) return `${key} is required`;
  return `${path.join(".")}: ${issue.message}`;
}

/** A message that a schema makes may quote what it was given. Shorter values are found in any sentence, and give little away. */
const shortestHidden = 4;

function withoutValues(message: string, options: Readonly<Record<string, unknown>>): string {
  const values = leavesOf(options)
    .map(({ text }) => text)
    .filter((text) => text.length >= shortestHidden);
  // The longest first: a value may be part of another one.
  return values
    .toSorted((left, right) => right.length - left.length)
    .reduce((text, value) => text.replaceAll(value, "***"), message);
}
