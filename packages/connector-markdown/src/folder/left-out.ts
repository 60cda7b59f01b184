import type { Logger } from "@statewave-connectors/connector-sdk";

/** Why something in the folder is not read, and what that means; the word is also the label it is counted under. */
export const skipReasons = {
  too_large: "larger than 1 MiB",
  binary: "not text",
  unknown_encoding: "text that is neither UTF-8, UTF-16 with a byte order mark, nor Latin-1",
  name_not_utf8: "files or folders whose names are not UTF-8",
  not_on_this_machine: "placeholders of files that a program has not downloaded",
  folder_empty: "documents of a folder that is suddenly empty",
  sync_conflict: "copies that were made because of a conflict",
  unreadable: "files or folders that cannot be read",
  symlink_outside: "links to something outside the folder",
  symlink_folder: "links to folders, which are read where they lie",
  symlink_broken: "links to nothing",
  not_a_file: "pipes, devices and sockets",
  vanished: "gone while they were read",
} as const;

export type SkipReason = keyof typeof skipReasons;

/** How many names are shown for a reason. */
const maxExamples = 3;

interface Group {
  count: number;
  readonly examples: string[];
}

/** What was not read, by reason, with the first names of each. */
export class LeftOut {
  readonly #groups = new Map<SkipReason, Group>();

  add(reason: SkipReason, path: string): void {
    const group = this.#groups.get(reason) ?? { count: 0, examples: [] };
    group.count += 1;
    if (group.examples.length < maxExamples) group.examples.push(path);
    this.#groups.set(reason, group);
  }

  /** One sentence for each reason. */
  sentences(): readonly string[] {
    return [...this.#groups].map(([reason, { count, examples }]) => {
      const more = count > examples.length ? `, and ${count - examples.length} more` : "";
      return `${count} left out as ${reason} (${skipReasons[reason]}): ${examples.map(printable).join(", ")}${more}`;
    });
  }

  /** Logs each reason with its number and examples. Nothing when `last`, of the walk before, says the same. */
  log(logger: Logger, last: LeftOut | undefined): void {
    const logged = new Set(last?.sentences());
    const sentences = this.sentences();
    for (const [index, [reason, { count, examples }]] of [...this.#groups].entries()) {
      if (logged.has(sentences[index] ?? "")) continue;
      const level = quiet.has(reason) ? "info" : "warn";
      logger[level]("files are left out", { reason, count, examples: examples.map(printable) });
    }
  }
}

/** Left out as they should be. */
const quiet: ReadonlySet<SkipReason> = new Set(["sync_conflict", "symlink_folder", "symlink_outside", "vanished"]);

/** File names may hold line ends, which would tear a line apart. */
export function printable(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, " ");
}
