import { recordLimits } from "@statewave-connectors/connector-sdk";

/** Counting a scope costs more the fuller it is. So many processes may fill one without a count for each record. */
const expectedProcesses = 20;
/** An estimate costs a few bytes; scopes may be many. */
const maxScopes = 1_000;

/** Knows for which new records a scope need not be counted again. */
export class ScopeRoom {
  readonly #uncounted = new Map<string, number>();

  /** Whether the next new record needs a count. */
  needsCount(scope: string): boolean {
    const left = this.#uncounted.get(scope) ?? 0;
    if (left === 0) return true;
    this.#uncounted.set(scope, left - 1);
    return false;
  }

  counted(scope: string, records: number): void {
    if (this.#uncounted.size >= maxScopes) this.#uncounted.clear();
    this.#uncounted.set(scope, Math.max(0, Math.floor((recordLimits.perScope - records) / expectedProcesses)));
  }
}
