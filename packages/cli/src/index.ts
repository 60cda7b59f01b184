export { exitCode, type ExitCode } from "./commands/exit-code.ts";
export { keepHeapSmall } from "./process/keep-heap-small.ts";
export type { Presentation } from "./commands/command-context.ts";
export type { BannerFacts } from "./commands/run/banner.ts";
export { type CliOptions, runCli } from "./program.ts";
export { type Output, processTerminal, surviveLostOutput, type Terminal, terminalHolding } from "./terminal/terminal.ts";
