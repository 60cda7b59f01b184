import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { openPostgresPullCursorStore } from "@statewave-connectors/cursor-store-postgres";
import { openRedisPullCursorStore } from "@statewave-connectors/cursor-store-redis";
import type { TestContext } from "vitest";

/** A server of a test's own, so that it may crash. */
export interface StoreServer {
  readonly url: string;
  /** Lets it crash and starts it again on the same data and port. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** A kind of store that processes can share. */
export interface SharedStore {
  readonly kind: "postgres" | "redis";
  /** Rejects when this machine cannot. */
  start(): Promise<StoreServer>;
  /** Opened from the outside, to look at the stored rows. */
  open(url: string): Promise<CursorStore>;
}

const services = new URL("../../../../../scripts/test-services/", import.meta.url);

/** Starts what `name` of a file of `scripts/test-services` starts. */
export async function startService(file: string, name: string): Promise<StoreServer> {
  const module = (await import(new URL(file, services).href)) as Record<string, () => Promise<StoreServer>>;
  const startServer = module[name];
  if (startServer === undefined) throw new Error(`${file} exports no ${name}`);
  return startServer();
}

export const postgresStore: SharedStore = {
  kind: "postgres",
  start: () => startService("postgres.mjs", "startPostgres"),
  open: (url) => openPostgresPullCursorStore({ url }),
};

export const sharedStores: readonly SharedStore[] = [
  postgresStore,
  { kind: "redis", start: () => startService("redis.mjs", "startRedis"), open: (url) => openRedisPullCursorStore({ url }) },
];

/** A server for one test. Without one on this machine the test is skipped; with CI=true that is an error. */
export async function startStore(test: TestContext, store: SharedStore): Promise<StoreServer> {
  let server: StoreServer;
  try {
    server = await store.start();
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return test.skip(`no ${store.kind} on this machine: ${error instanceof Error ? error.message : String(error)}`);
  }
  test.onTestFinished(() => server.stop());
  return server;
}
