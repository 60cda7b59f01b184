import { type ConfigProblem, didYouMean } from "@statewave-connectors/config";
import { readOptionArguments } from "@statewave-connectors/config/setup";
import { describeOptions, type OptionDescription } from "@statewave-connectors/connector-sdk/schema";
import type { Variables } from "../dotenv.ts";

/** Options of a receiver from the command line and the environment. */
export interface ReadFlags {
  readonly options: Readonly<Record<string, unknown>>;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads `--signing-secret <value>` as the option `signing_secret`, and `$SLACK_SIGNING_SECRET` where there is no such flag. A list is written with commas.
 * What is a secret is handed on as a reference where it stands in the environment.
 */
export function readFlags(args: readonly string[], kind: string, schema: unknown, env: Variables): ReadFlags {
  const known = describeOptions(schema);
  const problems: ConfigProblem[] = [];
  const options = new Map<string, unknown>();
  const waiting = [...args];
  for (let flag = waiting.shift(); flag !== undefined; flag = waiting.shift()) {
    const [, name = "", inline] = /^--([a-z][a-z0-9-]*)(?:=([^]*))?$/.exec(flag) ?? [];
    const option = known.find((each) => spellingsOf(each).includes(name.replaceAll("-", "_")));
    if (!flag.startsWith("-")) {
      // It may be a part of a secret, so it is not shown.
      const hint = "write --<option> before it, and quote a value with spaces";
      problems.push({ path: "an argument", message: "belongs to no option", hint });
      continue;
    }
    if (option === undefined) {
      const flags = known.flatMap(spellingsOf).map((spelling) => `--${spelling.replaceAll("_", "-")}`);
      const meant = didYouMean(flag.split("=", 1)[0] ?? flag, flags);
      problems.push({
        path: flag.split("=", 1)[0]?.slice(0, 60) ?? "",
        message: `is no option of ${kind}`,
        ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
      });
      if (inline === undefined && waiting[0]?.startsWith("-") === false) waiting.shift();
      continue;
    }
    const isSwitch = option.type === "boolean" && (waiting[0] === undefined || waiting[0].startsWith("--"));
    const text = inline ?? (isSwitch ? "true" : waiting.shift());
    if (text === undefined) problems.push({ path: flag, message: "has no value", hint: `write ${flag} <value>` });
    else addValue(option, text, options, problems);
  }
  for (const option of known) {
    const variable = variablesOf(kind, option).find((name) => (env[name] ?? "") !== "");
    if (options.has(option.key) || variable === undefined) continue;
    if (option.secret) options.set(option.key, `\${${variable}}`);
    else addValue(option, env[variable] ?? "", options, problems);
  }
  return { options: Object.fromEntries(options), problems };
}

/** The variables that an option is read from, e.g. `SLACK_SIGNING_SECRET`. */
export function variablesOf(kind: string, option: OptionDescription): readonly string[] {
  const words = (name: string) => `${kind}_${name}`.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase();
  return spellingsOf(option).map(words);
}

function spellingsOf({ key, aliases = [] }: OptionDescription): readonly string[] {
  return [key, ...aliases];
}

function addValue(
  { key, type, secret }: OptionDescription,
  text: string,
  options: Map<string, unknown>,
  problems: ConfigProblem[],
): void {
  const isList = type.startsWith("list of") && !text.trimStart().startsWith("[");
  if (isList) {
    options.set(
      key,
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    );
    return;
  }
  // A secret is a text, whatever it looks like.
  if (secret) {
    const isReference = /^\$\{[^}]+\}$/.test(text);
    options.set(key, isReference ? text : text.replaceAll("$", "$$$$"));
    return;
  }
  // A name may consist of digits; quotes are those of the file.
  if (type === "string" && !/^["']/.test(text)) {
    options.set(key, text);
    return;
  }
  const read = readOptionArguments([`${key}=${text}`]);
  problems.push(...read.problems);
  options.set(key, read.table[key]);
}
