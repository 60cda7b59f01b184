import { recordLimits } from "@statewave-connectors/connector-sdk/store";

/** The fuller a scope, the more its count costs. This many processes may fill one scope without a count for each record. */
const expectedProcesses = 20;
/** Each estimate takes a few bytes, and there may be many scopes. */
const maxScopes = 1_000;

/** Decides which new records of a scope need no new count. */
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
