import type { TestContext } from "vitest";
import { sharedStores, startStore } from "../several-processes/shared-store.ts";

/** A kind of state for `[runner.state]`, and what it needs. */
export interface StatePlace {
  readonly kind: "file" | "postgres" | "redis";
  /** The keys of `[runner.state]`. */
  start(test: TestContext): Promise<string>;
}

/** The three kinds that outlive a process. */
export const statePlaces: readonly StatePlace[] = [
  { kind: "file", start: async () => 'kind = "file"' },
  ...sharedStores.map((store) => ({
    kind: store.kind,
    start: async (test: TestContext) => `kind = "${store.kind}"\nurl = "${(await startStore(test, store)).url}"`,
  })),
];
