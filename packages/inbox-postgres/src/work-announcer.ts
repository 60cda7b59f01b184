import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import type { Postgres } from "@statewave-connectors/postgres-client";

export interface WorkAnnouncerParts {
  /** For sending: quick. */
  readonly postgres: Postgres;
  /** For hearing: it keeps a connection of this one. */
  readonly listening: Postgres;
  readonly channel: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Between two announcements; queues that get work meanwhile are announced together. */
const pauseMs = 20;

/**
 * Announces to the other processes which queues have work, over NOTIFY. It is a hint that saves them the wait until they look by themselves.
 *
 * pg-boss could notify with each insert. But the commits of transactions that notify wait for each other, one fsync after the other, so
 * that here it is a statement of its own, which writes nothing.
 */
export class WorkAnnouncer {
  readonly #parts: WorkAnnouncerParts;
  readonly #waiting = new Set<string>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(parts: WorkAnnouncerParts) {
    this.#parts = parts;
  }

  /** @param onWork With the queue; with undefined, when an announcement may have been missed. */
  async listen(onWork: (queueName: string | undefined) => void): Promise<void> {
    const { listening, channel, logger } = this.#parts;
    await listening.listen(channel, {
      onNotification: onWork,
      onConnected: () => onWork(undefined),
      onError: (error) => logger.debug("the inbox does not hear of other processes' work for now", { error }),
    });
  }

  announce(queueName: string): void {
    this.#waiting.add(queueName);
    if (this.#cancel === undefined && !this.#closed) void this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #send(): Promise<void> {
    const { postgres, channel, clock, logger } = this.#parts;
    const queueNames = [...this.#waiting];
    this.#waiting.clear();
    this.#cancel = clock.after(pauseMs, () => {
      this.#cancel = undefined;
      if (this.#waiting.size > 0) void this.#send();
    });
    try {
      await postgres.query("SELECT pg_notify($1, name) FROM unnest($2::text[]) AS name", [channel, queueNames]);
    } catch (error) {
      logger.debug("work could not be announced to other processes; they find it by themselves", { error });
    }
  }
}
