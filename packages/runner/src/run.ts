/** What a program needs that only runs a runner. It loads sooner than the package's root, which holds the stores in memory, too. */
export { actorOfProcess } from "./actions/actor.ts";
export { createRunner } from "./create-runner.ts";
export { guardLogger } from "./logging/injected-logger.ts";
export { createLogger } from "./logging/logger.ts";
