import { readFileSync } from "node:fs";

/** The lines of the shell blocks of a page, comments left out, continued lines joined. */
export function shellLines(page: string): readonly string[] {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");
  const blocks = Array.from(text.matchAll(/^ *```sh\n([^]*?)^ *```/gm), ([, block = ""]) => block);
  const lines = blocks.flatMap((block) =>
    block
      .replaceAll(/\\\n */g, "")
      .trim()
      .split("\n"),
  );
  return lines.map((line) => line.replace(/ +#.*$/, "").trim());
}

/** The words of the command of ours in a line, as a shell takes them; undefined: it calls another program. */
export function commandIn(line: string): readonly string[] | undefined {
  const own = /(?:^|[( ])statewave-connectors ([^>|)]*)/.exec(line.replaceAll(/<(key|pid)>/g, "$1"))?.[1];
  if (own === undefined) return undefined;
  return Array.from(own.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, single, double, plain]) => single ?? double ?? plain ?? "");
}
