import type { Logger } from "@statewave-connectors/connector-sdk";

/** Calls a function of the embedding program. What it throws, or rejects with, is logged as `failure` and disturbs nothing else. */
export function callHook(failure: string, logger: Logger, call: () => unknown): void {
  const onThrow = (thrown: unknown) => logger.error(failure, { error: thrown });
  try {
    const returned = call();
    if (returned instanceof Promise) returned.catch(onThrow);
  } catch (thrown) {
    onThrow(thrown);
  }
}
