import { PassThrough } from "node:stream";
import { runHere } from "../run-here.ts";

/** What is in each question, and the reply to it. */
export type Answers = readonly (readonly [RegExp, string])[];

/** Runs `init` in a terminal whose person answers each question by what is in it. */
export async function answerQuestions(folder: string, args: readonly string[], answers: Answers) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  let [asked, shown] = [0, ""];
  const stderr = {
    isTTY: true,
    write(text: string) {
      shown += text;
      const [question, reply] = answers[asked] ?? [/^$/, ""];
      if (!question.test(text)) return;
      asked += 1;
      setImmediate(() => (reply === "^D" ? input.end() : input.write(`${reply}\n`)));
    },
  };
  const result = await runHere(folder, ["init", ...args], { stderr, openInput: () => input });
  return { ...result, shown, asked };
}
