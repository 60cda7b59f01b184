import type { AnswerFacts } from "./answers.ts";
import { parseJson } from "./parse-json.ts";
import { shownText } from "./shown-text.ts";

/** A body with its format. */
export type AnswerBody = Pick<AnswerFacts, "format" | "body">;

/** Parses the body once, whatever the status: errors are JSON, too. */
export function readBody(text: string, headers: Headers): AnswerBody {
  const start = text.slice(0, 100).trimStart();
  if (start === "" && text.trim() === "") return { format: "empty", body: undefined };
  try {
    return { format: "json", body: parseJson(text) };
  } catch {
    const isHtml = start.startsWith("<") || (headers.get("content-type") ?? "").includes("text/html");
    return { format: isHtml ? "html" : "other", body: undefined };
  }
}

/** The provider's own words in an error's body, fit to be shown. Knows the forms that most providers use. */
export function messageOf({ format, body }: AnswerBody, text: string): string {
  if (format === "other") return shownText(text);
  return format === "json" ? shownText(wordsIn(body, 0).join(": ")) : "";
}

/** OAuth's `error_description`, RFC 9457's `detail`, and the names that providers made up. */
const wordFields = [
  "title",
  "error",
  "message",
  "description",
  "error_description",
  "detail",
  "code",
  "field",
  "errors",
] as const;

const maxDepth = 3;
const maxErrors = 3;

function wordsIn(value: unknown, depth: number): readonly string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value.slice(0, 1_000)];
  if (typeof value !== "object" || value === null || depth > maxDepth) return [];
  if (Array.isArray(value)) return value.slice(0, maxErrors).flatMap((each) => [...wordsIn(each, depth + 1)]);
  const words = wordFields.flatMap((name) => (Object.hasOwn(value, name) ? wordsIn(Reflect.get(value, name), depth + 1) : []));
  return [...new Set(words)];
}
