import type { SourceKey } from "../contract/source.ts";

/** A source that has a cursor. */
export interface SurveyedSource {
  readonly source: SourceKey;
  /** The size of the cursor, which is not read. */
  readonly bytes: number;
  /** When the cursor was written, epoch milliseconds; absent where the store does not know. */
  readonly updatedAtMs?: number;
}

/** What is stored in a place, found without changing anything there. */
export interface StoreSurvey {
  /** The same for every way of naming the place. Absent: nothing is stored there. */
  readonly place?: string;
  /** `earlier`: only cursors, as the runner of `@statewavedev/connectors-runner` writes them. `current`: the runner of this project uses it. */
  readonly format?: "earlier" | "current";
  readonly sources: readonly SurveyedSource[];
  /** Beside them, names of no source, in quotes: a person or another program has written there. */
  readonly strangers?: readonly string[];
}

/** A name that is no source's, as it is printed: foreign text, of any length. */
export function strangerName(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

export const nothingStored: StoreSurvey = { sources: [] };

/** More sources than this are no runner's. */
export const mostSurveyed = 100_000;
