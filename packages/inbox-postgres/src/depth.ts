import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { hasRoomFor, type InboxContent, inboxFullError, type InboxLimits } from "@statewave-connectors/connector-sdk/inbox";

/**
 * How much waits or is claimed, known without asking: the last count, and what this process did since. What other processes did since
 * is not in it, so that together they may go above a limit by what they accept between two counts.
 */
export class Depth {
  readonly #limits: InboxLimits;
  #items = 0;
  #bytes = 0;
  /** Accepts under way. */
  #reserved = 0;
  /** Raised by whatever this process changes. */
  #changes = 0;
  /** What this process added and removed since it began. */
  #changed = { items: 0, bytes: 0 };

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  /** Of a body, at the moment; at least 1. */
  get averageBytes(): number {
    return Math.max(1, Math.ceil(this.#bytes / Math.max(1, this.#items)));
  }

  get isQuiet(): boolean {
    return this.#reserved === 0;
  }

  /** The sum of what this process added and removed since it began. */
  get changed(): { readonly items: number; readonly bytes: number } {
    return this.#changed;
  }

  get changes(): number {
    return this.#changes;
  }

  /** Takes room for one item, or answers false. */
  reserve(bytes: number): boolean {
    if (!hasRoomFor(bytes, this.#content, this.#limits)) return false;
    this.#reserved += 1;
    this.add(bytes);
    return true;
  }

  /** The accept that took the room has ended; the item is there, or was not needed. */
  settleReservation(bytes: number, isThere: boolean): void {
    this.#reserved -= 1;
    this.#changes += 1;
    if (!isThere) this.remove(bytes);
  }

  add(bytes: number): void {
    this.#count(1, bytes);
  }

  remove(bytes: number): void {
    this.#count(-1, -bytes);
  }

  /** What was counted in the database. */
  adopt(items: number, bytes: number): void {
    this.#items = items;
    this.#bytes = bytes;
  }

  fullError(): ConnectorsError {
    return inboxFullError(this.#content, this.#limits);
  }

  get #content(): InboxContent {
    return { depth: this.#items, bytes: this.#bytes };
  }

  #count(items: number, bytes: number): void {
    this.#changed = { items: this.#changed.items + items, bytes: this.#changed.bytes + bytes };
    this.#items = Math.max(0, this.#items + items);
    this.#bytes = Math.max(0, this.#bytes + bytes);
    this.#changes += 1;
  }
}
