import { describeOptions, type DetailedIssue, type SchemaIssue } from "@statewave-connectors/connector-sdk/schema";
import { didYouMean } from "./did-you-mean.ts";
import { formatPath, type TomlPath } from "../toml/toml-path.ts";

/** How to correct a value that a schema refuses, where that is certain: a type that TOML writes in another way, or a misspelt word of a list. */
export function issueHint(schema: unknown, issue: SchemaIssue, at: TomlPath): string | undefined {
  const { expected, received, input }: DetailedIssue = issue;
  if (typeof expected !== "string" || received === "undefined") return undefined;
  if (expected === "Object") return at.every((segment) => typeof segment === "string") ? `write [${formatPath(at)}]` : undefined;
  if (expected === "number" && typeof input === "string") return "write numbers without quotes";
  if (expected === "boolean" && typeof input === "string") return "write true and false without quotes";
  if (expected === "string" && typeof input === "number") return textHint(schema, issue);
  return wordHint(issue);
}

function textHint(schema: unknown, issue: SchemaIssue): string {
  const [segment] = issue.path ?? [];
  const key = typeof segment === "object" ? segment.key : segment;
  const option = describeOptions(schema).find((description) => description.key === key);
  if (option?.type === "duration") return `write a duration such as ${option.defaultText ?? '"5m"'}`;
  return "write text in quotes";
}

/** The word that was meant, where one of a list is wanted. Valibot writes such a list as `("json" | "text")`, and a single word as `"json"`. */
export function wordHint(issue: SchemaIssue): string | undefined {
  const { expected, input }: DetailedIssue = issue;
  if (typeof expected !== "string" || typeof input !== "string") return undefined;
  const words = Array.from(expected.matchAll(/"([^"]*)"/g), ([, word = ""]) => word);
  const meant = didYouMean(input, words);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}
