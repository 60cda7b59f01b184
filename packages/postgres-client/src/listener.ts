import type { PooledConnection } from "./sql-client.ts";

export interface ListenerEvents {
  readonly onNotification: (payload: string) => void;
  /** It hears from now on; what was sent before is lost. */
  readonly onConnected: () => void;
  readonly onError: (error: unknown) => void;
}

const reconnectAfterMs = 1_000;

/**
 * A connection that hears NOTIFY. It is a hint and no promise: what is sent while it is broken, or through a pooler in transaction mode,
 * is never heard.
 */
export class Listener {
  readonly #connect: () => Promise<PooledConnection>;
  readonly #channel: string;
  readonly #events: ListenerEvents;
  #connection: PooledConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connecting: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param channel As it stands in the statement, between double quotes. */
  constructor(connect: () => Promise<PooledConnection>, channel: string, events: ListenerEvents) {
    this.#connect = connect;
    this.#channel = channel;
    this.#events = events;
    this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#connecting;
    this.#drop();
  }

  #start(): void {
    this.#connecting = this.#open().catch((error: unknown) => this.#broken(error));
  }

  async #open(): Promise<void> {
    const connection = await this.#connect();
    this.#connection = connection;
    const onBreak = (error: unknown) => {
      if (this.#connection === connection) this.#broken(error);
    };
    connection.on("error", onBreak);
    connection.on("end", onBreak);
    connection.on("notification", ({ payload }) => this.#events.onNotification(payload ?? ""));
    await connection.query(`LISTEN "${this.#channel}"`);
    this.#events.onConnected();
  }

  #broken(error: unknown): void {
    this.#drop();
    if (this.#closed) return;
    this.#events.onError(error);
    this.#timer = setTimeout(() => this.#start(), reconnectAfterMs);
    this.#timer.unref();
  }

  /** The connection is not given back to the pool: its next user would get the notifications as well. */
  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.release(true);
  }
}
