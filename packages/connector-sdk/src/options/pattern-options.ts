import * as v from "valibot";
import { type NamePatternOptions, patternProblem } from "./name-pattern.ts";

/** A pattern of names for {@link nameMatcher}, in which `*` and `?` stand for any characters. */
export function namePattern(message = 'must be a pattern of names, such as "api-*"') {
  return usablePattern(message, { isPath: false });
}

/** A pattern of paths below a folder, with forward slashes. */
export function pathPattern(message = "must be a pattern of relative paths with forward slashes, such as docs/**/*.md") {
  return v.pipe(
    usablePattern(message, { isPath: true }),
    v.check((text) => !text.startsWith("!"), "must not start with `!`: what to leave out goes into `exclude`"),
    v.check((text) => !text.startsWith("/") && !text.split("/").includes(".."), message),
  );
}

function usablePattern(message: string, options: Pick<NamePatternOptions, "isPath">) {
  return v.pipe(
    v.string(message),
    v.nonEmpty(message),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? patternProblem(dataset.value, options) : undefined;
      if (problem !== undefined) addIssue({ message: problem });
    }),
  );
}
