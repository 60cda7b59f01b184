/** A command of the program, as an operator would type it. */
export interface CommandRequest {
  /** `["dead-letters", "list"]` */
  readonly name: readonly string[];
  /** Each with its value: `--limit=20`. */
  readonly options: readonly string[];
  /** They are never taken for options. */
  readonly operands: readonly string[];
  /** Ends the command as Ctrl-C would. */
  readonly signal: AbortSignal;
}

/** What a command printed, and what it ended with. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. Never rejects: a failure is an exit code and a line on stderr. */
export type RunCommand = (request: CommandRequest) => Promise<CommandOutcome>;

/** Replaces private data in a text; `name` is the key that the text has, "" for none. */
export type RedactText = (text: string, name: string) => string;
