import { describe, test } from "vitest";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { seededRandom } from "../seeded-random.ts";
import { claimCases } from "./claim-cases.ts";
import { concurrencyCases } from "./concurrency-cases.ts";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { fencingCases } from "./fencing-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { limitCases } from "./limit-cases.ts";
import { manualCases } from "./manual-cases.ts";
import { modelCase } from "./model-case.ts";
import { recordBoundCases } from "./record-bound-cases.ts";
import { recordListCases } from "./record-list-cases.ts";
import { recordModelCase } from "./record-model-case.ts";
import { recordTimeCases } from "./record-time-cases.ts";
import { recordWriteCases } from "./record-write-cases.ts";
import { resumeCases } from "./resume-cases.ts";
import { type CursorStoreCapabilities, type FillScope, type OpenStore, StoreHarness } from "./store-harness.ts";
import { injectedTime, serverTime, type StoreTime } from "./store-time.ts";
import { timeStepCases } from "./time-step-cases.ts";
import { valueCases } from "./value-cases.ts";

/** What the conformance suite needs to know of a cursor store. */
export interface CursorStoreSubject {
  readonly name: string;
  readonly capabilities: CursorStoreCapabilities;
  /** Opens the store, each time at the same place, with the clock it is given. */
  readonly open: OpenStore;
  /** Empties that place; called before each case, with nothing open. A store that is not persistent needs none. */
  readonly reset?: () => void | Promise<void>;
  /** Puts records with these keys into a scope of that place, faster than 10,000 writes. Default: it is written to. */
  readonly fillScope?: FillScope;
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
export function describeCursorStore(store: CursorStoreSubject): void {
  const seed = seedOf(process.env["TEST_SEED"]);
  describe(`cursor store conformance: ${store.name} (TEST_SEED=${seed})`, () => {
    for (const each of cursorStoreCasesFor(store.capabilities)) {
      test(each.title, { timeout: 60_000 }, async ({ skip }) => {
        if ((await runCursorStoreCase(each, store, { seed })) === "absent") skip(`the store has no ${each.needs}`);
      });
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
    ...timeStepCases,
    ...valueCases,
    ...lifecycleCases,
    modelCase,
    ...recordWriteCases,
    ...recordListCases,
    ...recordBoundCases,
    ...recordTimeCases,
    recordModelCase,
  ].filter(({ holdsFor }) => holdsFor?.(capabilities) ?? true);
}

/** Runs one case on an emptied store; rejects when the store breaks the promise. `absent`: the store lacks the part it is about. */
export async function runCursorStoreCase(
  each: CursorStoreCase,
  store: CursorStoreSubject,
  { seed, time = timeFor(store.capabilities) }: { readonly seed: number; readonly time?: StoreTime },
): Promise<"kept" | "absent"> {
  await store.reset?.();
  const { capabilities, open, fillScope } = store;
  const harness = new StoreHarness({ capabilities, open, fillScope, time, random: seededRandom(seed) });
  const opened = await harness.open();
  try {
    if (each.needs !== undefined && opened[each.needs] === undefined) return "absent";
    if (each.needs === "records") await removeRecords(harness.records);
    await each.run(harness);
    return "kept";
  } finally {
    await harness.close();
  }
}

/** A `reset` that clears the cursors only leaves the records of the case before. */
async function removeRecords(records: StoreRecords): Promise<void> {
  for (const scope of await records.scopes()) {
    for (let left = recordLimits.perScope; left > 0; left -= recordLimits.perList) {
      const page = await records.list(scope);
      if (page.length === 0) break;
      await Promise.all(page.map(({ key, version }) => records.compareAndSet({ scope, key, expectedVersion: version })));
    }
  }
}

function timeFor({ clock }: CursorStoreCapabilities): StoreTime {
  return clock === "injected" ? injectedTime() : serverTime();
}

function seedOf(text: string | undefined): number {
  return text === undefined || text === "" ? Math.floor(Math.random() * 2 ** 32) : Number(text);
}
