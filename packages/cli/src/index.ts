export { exitCode, type ExitCode } from "./exit-code.ts";
export { keepHeapSmall } from "./process/keep-heap-small.ts";
export type { Presentation } from "./commands/command-context.ts";
export type { BannerFacts } from "./commands/run/banner.ts";
export { type CliOptions, runCli } from "./program.ts";
export { processTerminal, surviveLostOutput, terminalHolding } from "./process/process-terminal.ts";
export type { Output, Terminal } from "./terminal/terminal.ts";
