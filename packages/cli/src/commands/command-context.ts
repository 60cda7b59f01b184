import type { RunnerConfig } from "@statewave-connectors/config/result";
import type { Logger } from "@statewave-connectors/connector-sdk";
import type { CommandTerminal } from "../terminal/clean-terminal.ts";
import type { BannerFacts } from "./run/banner.ts";

/** What a program that wraps `run` shows instead of the log and the banner. */
export interface Presentation {
  readonly logger: Logger;
  readonly banner: (facts: BannerFacts) => string;
  /** Replaces the hint of an error of this code. */
  readonly hintFor?: (code: string) => string | undefined;
}

/** What every command gets. */
export interface CommandContext {
  readonly terminal: CommandTerminal;
  readonly resolveFrom: readonly string[];
  /** From `--log-level`. */
  readonly logLevel?: RunnerConfig["logLevel"];
  readonly presentation: Presentation | undefined;
  /** The variables for `${…}`: the environment, and what the file of `--dotenv` holds now. */
  readonly readEnv: () => Readonly<Record<string, string | undefined>>;
  /** What hints call the program. Default `statewave-connectors`. */
  readonly calledAs?: string | undefined;
  /** Of `--dotenv`, as the user named it. */
  readonly dotenvPath?: string | undefined;
  readonly configOptions: {
    readonly configPath?: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
}
