import type { Logger } from "@statewave-connectors/connector-sdk";

/** What has been opened, to be closed in the opposite order. */
export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closers.unshift(close);
  }

  /** Closes all of it. What cannot be closed is logged, and the rest is closed all the same. */
  async close(logger: Logger): Promise<void> {
    for (const close of this.#closers) {
      try {
        await close();
      } catch (error) {
        logger.error("closing failed", { error });
      }
    }
  }
}
