import { didYouMean } from "@statewave-connectors/config";
import type { AskAnswer } from "@statewave-connectors/runner/tools";
import { oneLine } from "../../terminal/clean-terminal.ts";

/** A question and the answer to it. */
export interface Asked {
  /** As the user wrote it. Undefined: there was only one. */
  readonly subject: string | undefined;
  readonly question: string;
  readonly budgetTokens: number;
  readonly answer: AskAnswer;
  /** Whether the file has subjects compiled. */
  readonly isCompiled: boolean;
}

/** The context as the server renders it, and below it the subject and what it is made of. */
export function askText({ answer, budgetTokens, ...asked }: Asked): string {
  const { text, tokens, parts } = answer;
  const counts = [
    counted(parts.facts, "fact", "facts"),
    counted(parts.summaries, "summary", "summaries"),
    counted(parts.procedures, "procedure", "procedures"),
    counted(parts.episodes, "episode", "episodes"),
  ];
  const size = tokens === undefined ? `budget: ${budgetTokens} tokens` : `${tokens} of ${budgetTokens} tokens`;
  return `${text.trimEnd()}\n\n${subjectLine({ answer, ...asked })}\n${counts.join(", ")}; ${size}\n`;
}

/** For a program. */
export function askJson({ question, budgetTokens, answer }: Asked): string {
  const { subject, finding, text, tokens, parts, storedSubjects } = answer;
  const value = {
    subject,
    question,
    finding,
    context: text,
    parts,
    ...(tokens !== undefined && { tokens }),
    budget_tokens: budgetTokens,
    ...(storedSubjects !== undefined && { stored_subjects: storedSubjects }),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Whether only the question is in it. */
export function isEmptyContext({ parts }: Pick<AskAnswer, "parts">): boolean {
  return Object.values(parts).every((count) => count === 0);
}

/** What a context without memories means, and what to do about it. */
export function askRemark({ subject, answer, budgetTokens, isCompiled }: Asked): { message: string; hint: string } | undefined {
  switch (answer.finding) {
    case "answered":
      return undefined;
    case "not_compiled":
      return {
        message: `nothing of ${answer.subject} is compiled: the context shows the beginnings of its newest episodes`,
        hint: isCompiled
          ? "let `statewave-connectors run` compile it: it does so once the subject has rested for [statewave.compile] quiet"
          : 'set [statewave.compile] mode = "after", so that Statewave makes memories of episodes',
      };
    case "budget_too_small":
      return {
        message: `${isEmptyContext(answer) ? "nothing" : "no memory"} of ${answer.subject} fits into ${budgetTokens} tokens beside the question`,
        hint: "pass a larger `--budget`",
      };
    case "nothing_stored":
      return { message: `Statewave has nothing of ${answer.subject}`, hint: nothingHint(subject, answer) };
  }
}

function nothingHint(subject: string | undefined, { subject: canonical, storedSubjects }: AskAnswer): string {
  if (storedSubjects === undefined || storedSubjects.length === 0) {
    return "check [statewave] tenant_id, and run `statewave-connectors run` to deliver episodes";
  }
  const names = storedSubjects.map(oneLine);
  const near = didYouMean(canonical, names) ?? onlyHolder(subject ?? canonical, names);
  const shown = names.slice(0, mostNamed).join(", ");
  return near === undefined ? `name one that it has, such as ${shown}` : `did you mean ${near}`;
}

/** Named at most. */
const mostNamed = 8;

/** The only subject in whose name the words stand: `acme/widgets` for `repo:acme.widgets`. */
function onlyHolder(words: string, subjects: readonly string[]): string | undefined {
  const wanted = words.replaceAll("/", ".").toLowerCase();
  const [only, another] = subjects.filter((name) => name.toLowerCase().includes(wanted));
  return another === undefined ? only : undefined;
}

function subjectLine({ subject, answer }: Pick<Asked, "subject" | "answer">): string {
  const isRenamed = subject !== undefined && subject !== answer.subject;
  return isRenamed ? `subject ${answer.subject}, which Statewave has for ${subject}` : `subject ${answer.subject}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
