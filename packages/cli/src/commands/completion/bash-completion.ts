import type { CommandWords } from "./command-words.ts";

const name = "statewave-connectors";

/** A completion of bash: one function that knows every command and option. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => `"/${path.join("/")}"`);
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ names, values: known }) =>
      known === undefined
        ? []
        : [
            `    ${names.map((each) => `"${pathOf(path)}:${each}"`).join(" | ")}) ${known === "file" ? "_statewave_connectors_files" : `COMPREPLY=($(compgen -W "${known.join(" ")}" -- "$cur"))`}; return ;;`,
          ],
    ),
  );
  const words = commands.map(({ path, subcommands, options }) => {
    const all = [...subcommands.map((each) => each.name), ...options.flatMap((option) => option.names)];
    return `    "${pathOf(path)}") offers="${all.join(" ")}" ;;`;
  });
  return `# Completion of ${name}; load it with: source <(${name} completion bash)
_statewave_connectors_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
_statewave_connectors() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" typed="" offers="" at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$typed/\${COMP_WORDS[at]}" in
      ${paths.join(" | ")}) typed="$typed/\${COMP_WORDS[at]}" ;;
    esac
  done
  case "$typed:$prev" in
${values.join("\n")}
  esac
  case "$typed" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$cur"))
}
complete -o default -F _statewave_connectors ${name}
`;
}

/** The same for zsh, which runs completions of bash. Its own names are avoided: a local `path` empties $PATH, and `words` is the line. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const load = "autoload -Uz compinit && compinit\nautoload -Uz bashcompinit && bashcompinit\n";
  return `${load}${bashCompletion(commands).replace("source <(statewave-connectors completion bash)", "source <(statewave-connectors completion zsh)")}`;
}

function pathOf(path: readonly string[]): string {
  return path.length === 0 ? "" : `/${path.join("/")}`;
}
