export type { CommandOutcome, CommandRequest, RedactText, RunCommand } from "./command.ts";
export { serveAgents, type ServeOptions } from "./serve-agents.ts";
