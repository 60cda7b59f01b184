import type { Claim } from "@statewave-connectors/connector-sdk/inbox";
import type { StoredItem } from "./encode-item.ts";
import type { QueueState } from "./source-states.ts";

/** An item that this process has claimed: handed to the consumer, or fetched along and still kept back. */
export interface HeldClaim {
  readonly claim: Claim;
  readonly source: QueueState;
  readonly stored: StoredItem;
  readonly bodyBytes: number;
  /** Names the claim in the database: settling with it does nothing once the item was handed to another process. */
  readonly job: { readonly id: string; readonly retryCount: number };
  isSettling: boolean;
}

/** What this process has claimed and not settled. */
export class HeldClaims {
  readonly #held = new Map<string, HeldClaim>();
  /** Fetched, but there is no room in the consumer's limit of bytes yet. */
  #keptBack: HeldClaim[] = [];
  #handedBytes = 0;

  /** Of what the consumer has. */
  get handedBytes(): number {
    return this.#handedBytes;
  }

  get keptBack(): number {
    return this.#keptBack.length;
  }

  add(held: HeldClaim): void {
    this.#held.set(held.claim.key, held);
    this.#keptBack.push(held);
    held.source.claimed += 1;
  }

  /** The next ones that fit the limit; a single larger one goes when nothing else is out. */
  handOut(maxBytes: number): readonly Claim[] {
    const out: HeldClaim[] = [];
    for (const held of this.#keptBack) {
      if (this.#handedBytes > 0 && this.#handedBytes + held.bodyBytes > maxBytes) break;
      // Bodies of no bytes count as one, so that something is out while they are.
      this.#handedBytes += weight(held);
      out.push(held);
    }
    this.#keptBack = this.#keptBack.slice(out.length);
    return out.map(({ claim }) => claim);
  }

  get(key: string): HeldClaim | undefined {
    return this.#held.get(key);
  }

  all(): readonly HeldClaim[] {
    return [...this.#held.values()];
  }

  /** Takes those that the consumer does not have. */
  takeKeptBack(): readonly HeldClaim[] {
    const kept = this.#keptBack;
    this.#keptBack = [];
    for (const held of kept) this.#forget(held);
    return kept;
  }

  drop(held: HeldClaim): void {
    if (this.#held.get(held.claim.key) !== held) return;
    const kept = this.#keptBack.indexOf(held);
    if (kept === -1) this.#handedBytes -= weight(held);
    else this.#keptBack.splice(kept, 1);
    this.#forget(held);
  }

  #forget(held: HeldClaim): void {
    this.#held.delete(held.claim.key);
    held.source.claimed -= 1;
  }
}

function weight({ bodyBytes }: HeldClaim): number {
  return Math.max(1, bodyBytes);
}
