export { exitCode, type ExitCode } from "./exit-code.ts";
export { keepHeapSmall } from "./keep-heap-small.ts";
export type { BannerFacts } from "./banner.ts";
export { type CliOptions, type Presentation, runCli } from "./program.ts";
export { type Output, processTerminal, surviveLostOutput, type Terminal, terminalHolding } from "./terminal.ts";
