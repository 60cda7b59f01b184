/** The values of the placeholders of commands in these tests. */
export interface CommandWorld {
  readonly configPath: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Every command with the arguments in its help, read from the command tree, so that a new command is included. */
export async function everyCommand(
  help: (args: readonly string[]) => Promise<string>,
  world: CommandWorld,
  path: readonly string[] = [],
): Promise<readonly (readonly string[])[]> {
  const text = await help([...path, "--help"]);
  const names = [...(text.split("\nCommands:\n")[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name!);
  const below = names.filter((name) => name !== "help");
  if (below.length > 0) {
    const nested = await Promise.all(below.map((name) => everyCommand(help, world, [...path, name])));
    return nested.flat();
  }
  const usage = /^Usage: (.*)$/m.exec(text)?.[1] ?? "";
  const args = [...usage.matchAll(/[<[]([a-z]+)(?:\.\.\.)?[>\]]/g)]
    .map(([, name]) => name!)
    .filter((name) => name !== "options")
    .map((name) => world.values[name] ?? "sentinel/main");
  const flags = ["--json", "--all", "--dry-run"].filter((flag) => text.includes(`${flag} `));
  const configs = ["--config", "--from", "--to"].flatMap((flag) =>
    text.includes(`${flag} <path>`) ? [flag, world.configPath] : [],
  );
  return [[...path, ...args, ...configs], ...flags.map((flag) => [...path, ...args, ...configs, flag])];
}
