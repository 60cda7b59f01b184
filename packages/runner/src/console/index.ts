/** What the page for operators receives and returns. */
export type { Counted, Period } from "./activity.ts";
export type { Console, ConsoleHost, ConsoleOperations, OpenConsole } from "./console-host.ts";
