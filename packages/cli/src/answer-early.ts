import { readFileSync } from "node:fs";
import { formatHelp } from "./early/help-page.ts";
import { type StaticAnswers, staticAnswersFile } from "./early/static-answers.ts";

/**
 * Answers what needs neither a configuration nor the command tree before the rest of the program is loaded: its exit code, or undefined for
 * every other command line, which the whole program handles. `healthcheck` is called every few seconds in a container, `completion` at the start of a shell.
 */
export async function answerEarly(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Promise<number | undefined> {
  if (args[0] === "healthcheck" && !isHelpFlag(args.at(-1))) return runHealthcheck(args.slice(1), env);
  const text = staticAnswer(args, version);
  return text === undefined ? undefined : print(text);
}

/** Undefined for wrong options. */
async function runHealthcheck(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> {
  const { checkHealth, readHealthcheckArgs } = await import("./commands/receivers/healthcheck.ts");
  const options = readHealthcheckArgs(args, env);
  if (options === undefined) return undefined;
  const fault = await checkHealth(options);
  if (fault !== undefined) process.stderr.write(`error: ${fault}\n`);
  return fault === undefined ? 0 : 1;
}

function staticAnswer(args: readonly string[], version: string): string | undefined {
  const last = args.at(-1);
  if (args.length === 1 && (last === "--version" || last === "-V")) return `${version}\n`;
  const isHelp = isHelpFlag(last);
  if (!isHelp && !(args[0] === "completion" && args.length === 2)) return undefined;
  const answers = readStaticAnswers();
  if (answers === undefined) return undefined;
  if (!isHelp) return ownValue(answers.completion, last ?? "");
  const page = ownValue(answers.help, args.slice(0, -1).join(" "));
  return page === undefined ? undefined : formatHelp(page, process.stdout.isTTY ? process.stdout.columns : undefined);
}

function isHelpFlag(word: string | undefined): boolean {
  return word === "--help" || word === "-h";
}

/** Undefined where nothing was built: in a checkout the command tree answers. */
function readStaticAnswers(): StaticAnswers | undefined {
  try {
    return JSON.parse(readFileSync(new URL(staticAnswersFile, import.meta.url), "utf8"));
  } catch {
    return undefined;
  }
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

async function print(text: string): Promise<number> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    process.stdout.on("error", resolve);
    process.stdout.write(text, (error) => resolve(error ?? undefined));
  });
  if (failure === undefined) return 0;
  const { reportLostOutput } = await import("./terminal/report-lost-output.ts");
  return reportLostOutput({ stderr: process.stderr, outputFailure: () => failure }, 0);
}
