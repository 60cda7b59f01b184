export type QueryRow = Readonly<Record<string, unknown>>;

export interface QueryResult {
  readonly rows: QueryRow[];
}

/** Runs one statement. `pg`'s pools and clients are of this shape. */
export interface SqlClient {
  query(text: string, values?: unknown[]): Promise<QueryResult>;
}

/** A connection taken from a pool. */
export interface PooledConnection extends SqlClient {
  release(error?: Error | boolean): void;
  on(event: "error" | "end", listener: (error: Error) => void): unknown;
  on(event: "notification", listener: (notification: { readonly payload?: string | undefined }) => void): unknown;
  off(event: "error" | "end", listener: (error: Error) => void): unknown;
}

/** What is needed of a pool: `pg`'s `Pool` is one. */
export interface PostgresPool extends SqlClient {
  connect(): Promise<PooledConnection>;
}
