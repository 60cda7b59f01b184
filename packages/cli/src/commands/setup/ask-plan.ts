import type { Connector } from "@statewave-connectors/connector-sdk";
import { type OptionDescription, starterOptions } from "@statewave-connectors/connector-sdk/schema";
import type { KnownConnector } from "@statewave-connectors/config/adapters";
import { defaultSchedule, readOptionArguments } from "@statewave-connectors/config/setup";
import { type DraftOptions, type SourceDraft, wants } from "./draft-entries.ts";
import type { DirectionChoice } from "./init-draft.ts";
import type { Prompter } from "./prompter.ts";

/** Has a person choose among the installed connectors. */
export async function askKinds(prompter: Prompter, connectors: readonly KnownConnector[]): Promise<readonly Connector[]> {
  const usable = connectors.flatMap(({ connector }) => (connector === undefined ? [] : [connector]));
  prompter.say("\nThese connectors are installed:\n");
  const kinds = await prompter.choose(
    "Which sources, by name or number, with commas",
    usable.map(({ kind }) => kind),
    {},
  );
  return usable.filter(({ kind }) => kinds.includes(kind));
}

/** Has a person describe a source of a kind. */
export async function askSource(prompter: Prompter, connector: Connector, override: string | undefined): Promise<SourceDraft> {
  prompter.say(`\n${connector.kind}\n`);
  const direction = await askDirection(prompter, connector);
  const name = await prompter.text("A name for it: a-z, 0-9, - and _", "main");
  const schedule = wants(direction, "pull")
    ? await prompter.text("How often it is read: every <N><s|m|h|d>, or cron", defaultSchedule)
    : undefined;
  const options = await askOptions(prompter, connector, direction);
  return { named: { connector, ...(override !== undefined && { override }) }, direction, name, schedule, options };
}

async function askDirection(prompter: Prompter, { pull, push }: Connector): Promise<DirectionChoice> {
  if (push === undefined) return "pull";
  if (pull === undefined) return "push";
  prompter.say("It can be read on a schedule (pull) and send webhooks (push):\n");
  const [chosen] = await prompter.choose("Which", directions, { fallback: "pull", isSingle: true });
  return directions.find((each) => each === chosen) ?? "pull";
}

const directions: readonly DirectionChoice[] = ["pull", "push", "both"];

async function askOptions(prompter: Prompter, connector: Connector, direction: DirectionChoice): Promise<DraftOptions> {
  const options = new Map<string, unknown>();
  const needed = (["pull", "push"] as const)
    .filter((each) => wants(direction, each))
    .flatMap((each) => starterOptions(connector[each]?.config));
  for (const option of new Map(needed.map((each) => [each.key, each])).values()) {
    const value = await askOption(prompter, option);
    if (value !== undefined) options.set(option.key, value);
  }
  return Object.fromEntries(options);
}

async function askOption(prompter: Prompter, option: OptionDescription): Promise<unknown> {
  const { key, description, example, secret, required } = option;
  if (description !== "") prompter.say(`  ${description}\n`);
  const rest = required ? "" : ", empty for none";
  if (secret) return (await prompter.secret(`${key} (not shown; empty: fill it in later)`)) || undefined;
  for (;;) {
    const text = await prompter.text(`${key}${typeof example === "string" ? `, e.g. ${example}` : ""}${rest}`);
    if (text === "" && !required) return undefined;
    // A name may consist of digits.
    if (text !== "" && option.type === "string" && !/^["']/.test(text)) return text;
    const { table, problems } = readOptionArguments([`${key}=${text}`]);
    if (text !== "" && problems.length === 0) return table[key];
    prompter.say(text === "" ? "An answer is needed.\n" : `${problems[0]?.message ?? "It cannot be read"}.\n`);
  }
}
