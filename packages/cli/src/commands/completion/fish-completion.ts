import type { CommandWords } from "./command-words.ts";

const name = "statewave-connectors";

/** A completion of fish: a line for each command and option, with its description. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ path, subcommands, options }) => {
    const where = condition(
      path,
      subcommands.map((each) => each.name),
    );
    return [
      ...subcommands.map((each) => `complete -c ${name} -f -n ${quoted(where)} -a ${each.name} -d ${quoted(each.description)}`),
      ...options.map(({ names, description, values }) => {
        const flags = names.map((each) => (each.startsWith("--") ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`)).join(" ");
        const value = values === undefined ? "" : values === "file" ? " -r -F" : ` -x -a ${quoted(values.join(" "))}`;
        return `complete -c ${name} -n ${quoted(where)} ${flags}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# Completion of ${name}; load it with: ${name} completion fish | source\n${lines.join("\n")}\n`;
}

/** All words of the path are there, and none of what may follow. */
function condition(path: readonly string[], followers: readonly string[]): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const unseen = followers.length === 0 ? [] : [`not __fish_seen_subcommand_from ${followers.join(" ")}`];
  const all = [...seen, ...unseen];
  return all.length === 0 ? "true" : all.join("; and ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", " ")}'`;
}
