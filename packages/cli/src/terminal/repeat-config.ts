/** Commands that read a configuration, as hints name them: with or without the name of the program. */
const command =
  /`((?:statewave-connectors )?(?:doctor|validate-config|reload|sync|simulate|pause|resume|status|audit|runs|trace|inbox (?:list|show)|backfill(?: list| cancel)?|state (?:list|get|set|delete|delete-secrets|adopt|reset|seed|history|undo|prune|export|import)|dead-letters (?:list|show|edit|retry|discard))(?: [^`]*)?|statewave-connectors run)`/g;

/** How a user called the program: by which words, and with which files, as they named them. */
export interface GivenFiles {
  /** Default `statewave-connectors`. */
  readonly calledAs?: string | undefined;
  /** Of `--config`. */
  readonly configPath?: string | undefined;
  /** Of `--dotenv`. */
  readonly dotenvPath?: string | undefined;
}

/**
 * A hint whose commands can be called as they stand, and find the same configuration and its variables: with `--config` and `--dotenv`, where the user gave them. Without
 * them they would read another file, or none.
 */
export function repeatConfig(hint: string, files: GivenFiles): string {
  const repeated = hint.replaceAll(command, (whole, text: string) =>
    text.includes(" --config ") ? whole : `\`${text}${fileFlags(files)}\``,
  );
  return files.calledAs === undefined ? repeated : repeated.replaceAll("`statewave-connectors ", `\`${files.calledAs} `);
}

/** ` --config <file> --dotenv <file>`, as far as they are given. */
export function fileFlags({ configPath, dotenvPath }: GivenFiles): string {
  const flags = { config: configPath, dotenv: dotenvPath };
  return Object.entries(flags)
    .map(([flag, path]) => (path === undefined ? "" : ` --${flag} ${shellWord(path)}`))
    .join("");
}

/** `repeatConfig` for the files that a command was given. */
export function hintFormat({
  configOptions: { configPath },
  dotenvPath,
  calledAs,
}: Pick<GivenFiles, "dotenvPath" | "calledAs"> & { readonly configOptions: Pick<GivenFiles, "configPath"> }): (
  hint: string,
) => string {
  return (hint) => repeatConfig(hint, { configPath, dotenvPath, calledAs });
}

/** As a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
