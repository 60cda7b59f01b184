export { exitCode, type ExitCode } from "./exit-code.ts";
export { keepHeapSmall } from "./keep-heap-small.ts";
export { type CliOptions, runCli } from "./program.ts";
export { type Output, processTerminal, surviveLostOutput, type Terminal } from "./terminal.ts";
