import { isConnectorsError } from "../contract/errors.ts";
import type { PageSizes } from "./page-sizes.ts";

/**
 * Whether a smaller page may succeed where this error was thrown: the provider gave up, or its answer was too large. Errors of a
 * `ProviderClient` say so in `overloaded`; of others the code decides. A rate limit is no such error.
 */
export function isOverloaded(error: unknown): boolean {
  if (!isConnectorsError(error) || error.retryAtMs !== undefined) return false;
  const marked: unknown = Reflect.get(error, "overloaded");
  if (typeof marked === "boolean") return marked;
  return /_(?:UNAVAILABLE|OVERLOADED|TOO_LARGE)$/.test(error.code);
}

/** One request that may be made for fewer items. */
export interface SmallerRequest<Answer> {
  readonly sizes: PageSizes;
  /** Where numbered pages begin; default: everywhere. */
  readonly offset?: number;
  readonly isOverloaded: (error: unknown) => boolean;
  readonly request: (size: number) => Promise<Answer>;
}

export type SmallerAnswer<Answer> =
  | { readonly answer: Answer; readonly size: number }
  /** The smallest size was too much as well. */
  | { readonly error: unknown; readonly size: number };

/** Requests smaller and smaller pages while the provider is overloaded by them. Throws what is no such error. */
export async function requestSmaller<Answer>(smaller: SmallerRequest<Answer>): Promise<SmallerAnswer<Answer>> {
  const { sizes, offset, request } = smaller;
  for (;;) {
    const size = sizes.at(offset);
    try {
      const answer = await request(size);
      sizes.answered(size);
      return { answer, size };
    } catch (error) {
      if (!smaller.isOverloaded(error)) throw error;
      if (!sizes.tooLarge(size)) return { error, size };
    }
  }
}
