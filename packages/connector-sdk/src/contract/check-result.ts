import type { ConnectorsError } from "./errors.ts";

/** One finding of `check()`. */
export interface CheckResult {
  readonly ok: boolean;
  /** One sentence naming what was tried and, when it failed, what to change. */
  readonly message: string;
  /** What made it fail. Without it the runner cannot distinguish an unreachable provider, or one that wants a pause, from what a person must fix. */
  readonly error?: ConnectorsError;
}
