// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { SchemaIssue, SchemaResult } from "../contract/config-schema.ts";
export { describeOptions, type OptionDescription, starterOptions } from "./describe-options.ts";
export { fixedMessagesOf } from "./fixed-messages.ts";
export { isTable } from "./is-table.ts";
export { type DetailedIssue, type HiddenTexts, issueMessage, issuePath } from "./issue-message.ts";
export { type Leaf, leavesOf } from "./leaves.ts";
export { type JsonSchema, mergeTables, toJsonSchema } from "./to-json-schema.ts";
export type { SecretMark } from "./metadata.ts";
export { optionKeys } from "./schema-node.ts";
export { type OptionPath, type OptionVisit, visitOptions } from "./visit-options.ts";
