import { describe, test } from "vitest";
import { seededRandom } from "../seeded-random.ts";
import { claimCases } from "./claim-cases.ts";
import { concurrencyCases } from "./concurrency-cases.ts";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { fencingCases } from "./fencing-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { limitCases } from "./limit-cases.ts";
import { manualCases } from "./manual-cases.ts";
import { modelCase } from "./model-case.ts";
import { resumeCases } from "./resume-cases.ts";
import { type CursorStoreCapabilities, type OpenStoreUnderTest, StoreBench } from "./store-bench.ts";
import { injectedTime, serverTime, type StoreTime } from "./store-time.ts";
import { valueCases } from "./value-cases.ts";

/** What the conformance suite needs to know of a cursor store. */
export interface CursorStoreUnderTest {
  readonly name: string;
  readonly capabilities: CursorStoreCapabilities;
  /** Opens the store, each time at the same place, with the clock it is given. */
  readonly open: OpenStoreUnderTest;
  /** Empties that place; called before each case, with nothing open. A store that is not persistent needs none. */
  readonly reset?: () => void | Promise<void>;
}

/**
 * Registers the conformance suite of cursor stores: every promise of the `CursorStore` contract, tried on the store. What the
 * capabilities say it cannot do is tested to be refused or absent.
 *
 * @example
 * describeCursorStore({
 *   name: "my store",
 *   capabilities: { clock: "server", persistent: true, shared: true },
 *   open: () => openMyStore({ url, table }),
 *   reset: () => client.query(`truncate ${table}`),
 * });
 */
export function describeCursorStore(store: CursorStoreUnderTest): void {
  const seed = seedOf(process.env["TEST_SEED"]);
  describe(`cursor store conformance: ${store.name} (TEST_SEED=${seed})`, () => {
    for (const each of cursorStoreCasesFor(store.capabilities)) {
      test(each.title, { timeout: 60_000 }, () => runCursorStoreCase(each, store, { seed }));
    }
  });
}

/** The cases that a store with these capabilities has to pass. */
export function cursorStoreCasesFor(capabilities: CursorStoreCapabilities): readonly CursorStoreCase[] {
  return [
    ...claimCases,
    ...limitCases,
    ...resumeCases,
    ...manualCases,
    ...fencingCases,
    ...concurrencyCases,
    ...valueCases,
    ...lifecycleCases,
    modelCase,
  ].filter(({ appliesTo }) => appliesTo?.(capabilities) ?? true);
}

/** Runs one case on an emptied store; rejects when the store breaks the promise. */
export async function runCursorStoreCase(
  each: CursorStoreCase,
  store: CursorStoreUnderTest,
  { seed, time = timeFor(store.capabilities) }: { readonly seed: number; readonly time?: StoreTime },
): Promise<void> {
  await store.reset?.();
  const bench = new StoreBench({ capabilities: store.capabilities, open: store.open, time, random: seededRandom(seed) });
  await bench.open();
  try {
    await each.run(bench);
  } finally {
    await bench.close();
  }
}

function timeFor({ clock }: CursorStoreCapabilities): StoreTime {
  return clock === "injected" ? injectedTime() : serverTime();
}

function seedOf(text: string | undefined): number {
  return text === undefined || text === "" ? Math.floor(Math.random() * 2 ** 32) : Number(text);
}
