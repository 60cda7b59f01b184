/** Commands that read a configuration, as hints name them: with or without the name of the program. */
const command =
  /`((?:statewave-connectors )?(?:doctor|validate-config|reload|sync|pause|resume|status|audit|runs|trace|inbox (?:list|show)|backfill(?: list| cancel)?|state (?:list|get|set|delete|adopt|reset|seed|history|undo|prune|export|import)|dead-letters (?:list|show|edit|retry|discard))(?: [^`]*)?|statewave-connectors run)`/g;

/**
 * A hint whose commands find the same configuration: with `--config <file>`, where the user gave one. Without it they would read another
 * file, or none.
 */
export function repeatConfig(hint: string, configPath: string | undefined): string {
  if (configPath === undefined) return hint;
  return hint.replaceAll(command, (whole, text: string) =>
    text.includes(" --config ") ? whole : `\`${text} --config ${shellWord(configPath)}\``,
  );
}

/** `repeatConfig` for the configuration that a command was given. */
export function hintFormat({
  configOptions,
}: {
  readonly configOptions: { readonly configPath?: string };
}): (hint: string) => string {
  return (hint) => repeatConfig(hint, configOptions.configPath);
}

/** As a shell takes it for one word. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
