/** What a page for operators is given, and what it gives. */
export type { Counted, Period } from "./activity.ts";
export type { Console, ConsoleHost, ConsoleOperations, OpenConsole } from "./console-host.ts";
