import type { CursorStoreCapabilities, StoreHarness } from "./store-harness.ts";

/** One promise of the `CursorStore` contract, and how it is tried. It runs on an empty store and fails by throwing. */
export interface CursorStoreCase {
  readonly title: string;
  /** Which stores make this promise; the others make the opposite one, in a case of its own. Absent: all do. */
  readonly holdsFor?: (capabilities: CursorStoreCapabilities) => boolean;
  /** An optional part of the contract that the case is about; a store without it skips the case. */
  readonly needs?: "records";
  readonly run: (harness: StoreHarness) => Promise<void>;
}
