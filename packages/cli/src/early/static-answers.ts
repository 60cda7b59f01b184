import type { HelpPage } from "./help-page.ts";

/** What the build writes beside the program: answers that depend on the program alone. */
export interface StaticAnswers {
  /** By the words of the command, such as `state reset`; empty: the program. */
  readonly help: Readonly<Record<string, HelpPage>>;
  /** By the name of the shell. */
  readonly completion: Readonly<Record<string, string>>;
}

/** The file of `StaticAnswers`, beside the bundled program. */
export const staticAnswersFile = "static-answers.json";
