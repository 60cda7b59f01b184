/** What the process ends with. Documented in docs/reference/cli.md. */
export const exitCode = {
  ok: 0,
  /** The command did not work: see the error line. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration is missing or invalid. */
  config: 3,
  /** The state is held by another process, or cannot be read or written. */
  state: 4,
  /** Something that a run has read is neither delivered nor kept. */
  unbalanced: 5,
  /** Nothing failed, and something is left to do: a limit was reached, or an episode became a dead letter. */
  incomplete: 6,
  /** `status`: something is paused, late, waiting, standing or buried, or no process runs. */
  attention: 10,
  /** `status`: an entry or the sink fails. */
  failing: 11,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
