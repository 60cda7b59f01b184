import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { oneLine } from "../../terminal/clean-terminal.ts";
import type { Output, TerminalInput } from "../../terminal/terminal.ts";

/** Puts questions to a person, one at a time. */
export interface Prompter {
  /** What is typed, or `fallback` for an empty line. */
  readonly text: (question: string, fallback?: string) => Promise<string>;
  /** What is typed, without showing it. */
  readonly secret: (question: string) => Promise<string>;
  readonly confirm: (question: string, fallback: boolean) => Promise<boolean>;
  /** Some of `items`, by their names or numbers; never none unless `mayBeNone`. */
  readonly choose: (question: string, items: readonly string[], options: ChoiceLimits) => Promise<readonly string[]>;
  readonly say: (text: string) => void;
  readonly close: () => void;
}

export interface ChoiceLimits {
  readonly fallback?: string;
  readonly isSingle?: boolean;
}

/** A prompter of a terminal. The end of the input, Ctrl-C and Ctrl-D reject the question that waits with `RUNNER_INIT_CANCELLED`. */
export function openPrompter(input: TerminalInput, output: Output): Prompter {
  let isMuted = false;
  const screen = new Writable({
    write(chunk, _encoding, done) {
      if (!isMuted) output.write(String(chunk));
      done();
    },
  });
  // Without a history: the arrow keys would show what was typed unseen.
  const reader = createInterface({ input, output: screen, terminal: input.isTTY === true, historySize: 0 });
  const lines: string[] = [];
  let isClosed = false;
  let wake: () => void = nothing;
  reader.on("line", (text) => {
    lines.push(text);
    wake();
  });
  reader.once("close", () => {
    isClosed = true;
    wake();
  });
  const nextLine = async (): Promise<string> => {
    for (;;) {
      const text = lines.shift();
      if (text !== undefined) return text;
      if (isClosed) throw cancelled();
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const text = async (question: string, fallback?: string) => {
    reader.setPrompt(`${question}${fallback === undefined || fallback === "" ? "" : ` [${fallback}]`}: `);
    reader.prompt();
    return (await nextLine()).trim() || (fallback ?? "");
  };
  const prompter: Prompter = {
    text,
    async secret(question) {
      reader.setPrompt(`${question}: `);
      reader.prompt();
      isMuted = true;
      try {
        return (await nextLine()).trim();
      } finally {
        isMuted = false;
        output.write("\n");
      }
    },
    async confirm(question, fallback) {
      for (;;) {
        const answer = (await text(`${question} ${fallback ? "(Y/n)" : "(y/N)"}`)).toLowerCase();
        if (answer === "") return fallback;
        if (["y", "yes"].includes(answer)) return true;
        if (["n", "no"].includes(answer)) return false;
        output.write("Answer y or n.\n");
      }
    },
    async choose(question, items, options) {
      output.write(items.map((item, index) => `  ${index + 1}  ${oneLine(item)}\n`).join(""));
      for (;;) {
        const words = (await text(question, options.fallback)).split(/[\s,]+/).filter((word) => word !== "");
        const chosen = [...new Set(words.map((word) => items[Number(word) - 1] ?? items.find((item) => item === word)))];
        const isRight = chosen.length > 0 && !chosen.includes(undefined) && (options.isSingle !== true || chosen.length === 1);
        if (isRight) return chosen.filter((item) => item !== undefined);
        output.write(
          options.isSingle === true
            ? "Answer one of the names or numbers.\n"
            : "Answer names or numbers, with commas between them.\n",
        );
      }
    },
    say: (said) => void output.write(said),
    close: () => reader.close(),
  };
  return prompter;
}

function cancelled(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_INIT_CANCELLED",
    message: "the questions ended before all were answered, and nothing was written",
    hint: "run it again, or pass the answers as flags with --yes",
  });
}

function nothing(): void {}
