import { setTimeout as delay } from "node:timers/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { Listener, type ListenerEvents } from "./listener.ts";
import { isRolledBackByContention, type PostgresArea, toPostgresError } from "./postgres-error.ts";
import type { PostgresPool, QueryResult, QueryRow } from "./sql-client.ts";

/** The statements of one transaction, or of one connection. */
export interface PostgresSession {
  query(text: string, values?: unknown[]): Promise<readonly QueryRow[]>;
}

export interface PostgresOptions {
  readonly area: PostgresArea;
  readonly pool: PostgresPool;
  /** Ends the pool; absent for one that the caller owns. */
  readonly endPool?: () => Promise<void>;
  /** How long `close` waits for what is under way. */
  readonly drainMs: number;
  /** Of the server, as it showed it last. Absent: the connections are the caller's. */
  readonly certificateExpiresAtMs?: () => number | undefined;
}

/** How often a statement is sent that the server rolls back because of what runs beside it. */
const maxAttempts = 5;
/** How long connections may take to say goodbye at close: an unreachable server never answers. */
const goodbyeMs = 2_000;

/**
 * A pool of connections in the words of this product: errors are `ConnectorsError`s of the area, statements that lost a deadlock are sent
 * again, and closing waits for what is under way.
 *
 * One statement is one transaction here, with no state kept in the session and no named statement: it may run behind a pooler in
 * transaction mode.
 */
export class Postgres implements PostgresSession {
  readonly #options: PostgresOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #listeners = new Set<Listener>();
  #closing: Promise<void> | undefined;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** When the server's certificate expires; undefined without TLS, before the first connection, and for an injected pool. */
  get certificateExpiresAtMs(): number | undefined {
    return this.#options.certificateExpiresAtMs?.();
  }

  /** One statement, on its own. Throws `…_CLOSED`, `…_UNAVAILABLE` (retryable; whether it took effect is unknown), `…_ACCESS_DENIED`. */
  async query(text: string, values?: unknown[]): Promise<readonly QueryRow[]> {
    return this.#track(async () => rowsOf(await this.#options.pool.query(text, values)));
  }

  /**
   * Several statements that take effect together or not at all. `work` may run more than once.
   *
   * @param settings Of the server, for this transaction only: `name = value`, as they stand behind SET LOCAL.
   */
  async transaction<Result>(
    work: (session: PostgresSession) => Promise<Result>,
    settings: readonly string[] = [],
  ): Promise<Result> {
    return this.#track(() => this.#transact(work, ["BEGIN", ...settings.map((setting) => `SET LOCAL ${setting}`)].join("; ")));
  }

  /** Keeps one connection that hears NOTIFY on a channel, and connects again when it breaks. */
  async listen(channel: string, events: ListenerEvents): Promise<Listener> {
    if (this.isClosed) throw this.#closedError();
    const listener = new Listener(() => this.#options.pool.connect(), channel, events);
    this.#listeners.add(listener);
    return listener;
  }

  /** Lets what is under way end, then closes the connections; those of an injected pool stay. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #transact<Result>(work: (session: PostgresSession) => Promise<Result>, begin: string): Promise<Result> {
    const client = await this.#options.pool.connect();
    // Between two statements no other code listens, and an unhandled error would end the process; the next statement fails with it.
    client.on("error", ignore);
    let failed = true;
    try {
      await client.query(begin);
      const result = await work({ query: async (text, values) => rowsOf(await client.query(text, values)) });
      await client.query("COMMIT");
      failed = false;
      return result;
    } finally {
      client.off("error", ignore);
      // After a failure the connection goes too: that rolls back, also where a ROLLBACK would not get through.
      client.release(failed);
    }
  }

  async #track<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isClosed) throw this.#closedError();
    const running = this.#attempt(work);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === maxAttempts || !isRolledBackByContention(error)) throw toPostgresError(this.#options.area, error);
      }
    }
  }

  async #close(): Promise<void> {
    // One microtask on, the flag is set: nothing new comes in.
    await Promise.resolve();
    await within(this.#options.drainMs, Promise.allSettled(this.#underWay));
    await within(goodbyeMs, Promise.all([...this.#listeners].map((listener) => listener.close())));
    await within(goodbyeMs, this.#options.endPool?.());
  }

  #closedError(): ConnectorsError {
    return new ConnectorsError({
      code: `${this.#options.area}_CLOSED`,
      message: this.#options.area === "STORE" ? "the cursor store in Postgres is closed" : "the inbox in Postgres is closed",
      hint: "open it again",
    });
  }
}

/** Of several statements in one text, those of all of them: `pg` then answers a list of results. */
function rowsOf(result: QueryResult | readonly QueryResult[]): readonly QueryRow[] {
  return "rows" in result ? result.rows : result.flatMap(({ rows }) => rows);
}

/** Waits for the end of something, whichever it is, but not for longer than that. */
async function within(durationMs: number, ending: Promise<unknown> | undefined): Promise<void> {
  const late = new AbortController();
  const deadline = delay(durationMs, undefined, { signal: late.signal, ref: false }).catch(ignore);
  await Promise.race([ending?.catch(ignore), deadline]);
  late.abort();
}

function ignore(): void {
  // On purpose.
}
