import { InvalidArgumentError } from "commander";

/** A source as the command line names it: what follows `--source` belongs to it. */
export interface SourceFlags {
  /** Its kind, its package or its path. */
  readonly source: string;
  readonly name?: string;
  readonly direction?: DirectionChoice;
  readonly schedule?: string;
  /** `key=value` each. */
  readonly options: readonly string[];
}

export type DirectionChoice = "pull" | "push" | "both";

/** Collects `--source` and the flags that belong to it, in the order of the command line. */
export class SourceFlagsList {
  readonly sources: SourceFlags[] = [];

  /** `--source`. */
  readonly add = (source: string): void => void this.sources.push({ source, options: [] });

  /** `--name`, `--direction`, `--schedule`. */
  set<Key extends "name" | "direction" | "schedule">(key: Key): (value: NonNullable<SourceFlags[Key]>) => void {
    return (value) => this.#change((last) => ({ ...last, [key]: value }));
  }

  /** `--option`. */
  readonly addOption = (option: string): void => this.#change((last) => ({ ...last, options: [...last.options, option] }));

  #change(change: (last: SourceFlags) => SourceFlags): void {
    const last = this.sources.pop();
    if (last === undefined) throw new InvalidArgumentError("It belongs to a source: write --source before it.");
    this.sources.push(change(last));
  }
}
