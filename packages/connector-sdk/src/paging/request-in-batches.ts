import type { FailedItem } from "../contract/page.ts";
import { BrokenItems, type Judged } from "./broken-items.ts";
import { PageSizes, type Sizes } from "./page-sizes.ts";
import { isOverloaded } from "./smaller-pages.ts";

export interface BatchOptions<Id, Answer> {
  /** Requested in this order. */
  readonly ids: readonly Id[];
  /** Requests these ids, at most as many as the largest size. */
  readonly request: (ids: readonly Id[], signal: AbortSignal) => Promise<Answer>;
  readonly signal: AbortSignal;
  /**
   * Requests the next batch while the one before it is delivered, so that two are held at a time. The request under way is waited for when no
   * more is wanted. Default false.
   */
  readonly isAhead?: boolean;
  /** How many ids to request at once, largest first. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether fewer ids may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
  /** The id of a failed item. Default: the id as text. */
  readonly failedId?: (id: Id) => string;
  /**
   * A cheap request to the same endpoint without any of the ids. Its success proves that a single id is at fault. Without it the provider is
   * at fault.
   */
  readonly probe?: (signal: AbortSignal) => Promise<unknown>;
}

/** The answer to some ids, or an id that the provider cannot answer for. */
export type Batch<Id, Answer> =
  | { readonly ids: readonly Id[]; readonly answer: Answer; readonly failures: readonly [] }
  | { readonly ids: readonly Id[]; readonly answer: undefined; readonly failures: readonly FailedItem[] };

/**
 * Requests a list of ids in batches. A batch that is too large for the provider is reduced step by step to one id. An id that fails on its
 * own is left out as a failed item; see `BrokenItems`. Each id is in exactly one batch.
 *
 * @throws what `request` throws, unless another request proves that the provider works.
 */
export async function* requestInBatches<Id, Answer>(
  options: BatchOptions<Id, Answer>,
): AsyncGenerator<Batch<Id, Answer>, void, undefined> {
  const { ids, request, signal, probe, isAhead = false } = options;
  const overloaded = options.isOverloaded ?? isOverloaded;
  const sizes = new PageSizes(options.sizes);
  let at = 0;
  let ahead: Request<Id, Answer> | undefined;
  const begin = (): Request<Id, Answer> => {
    const size = sizes.at();
    const batch = ids.slice(at, at + size);
    return { size, batch, found: attempt(() => request(batch, signal), overloaded) };
  };
  const broken = new BrokenItems<Id, Answer>({
    request: (id) => request([id], signal),
    at: (_, distance) => ids[at + distance],
    probe: probe === undefined ? undefined : () => probe(signal),
    isOverloaded: overloaded,
  });
  try {
    while (at < ids.length) {
      signal.throwIfAborted();
      const { size, batch, found: finding } = ahead ?? begin();
      ahead = undefined;
      const [id] = batch;
      if (id === undefined) return;
      const found = await finding;
      if ("answer" in found) {
        sizes.answered(size);
        sizes.advance(batch.length);
        at += batch.length;
        if (isAhead && at < ids.length) {
          ahead = begin();
          ahead.found.catch(() => undefined);
        }
        yield { ids: batch, answer: found.answer, failures: [] };
        broken.answered();
      } else if (batch.length === 1) {
        yield toBatch(options, await broken.judge(id, found.error));
        sizes.advance(1);
        at += 1;
      } else if (!sizes.tooLarge(size)) throw found.error;
    }
  } finally {
    await ahead?.found.catch(() => undefined);
  }
}

/** A request for some ids that is under way. */
interface Request<Id, Answer> {
  readonly size: number;
  readonly batch: readonly Id[];
  readonly found: Promise<{ readonly answer: Answer } | { readonly error: unknown }>;
}

async function attempt<Answer>(
  request: () => Promise<Answer>,
  overloaded: (error: unknown) => boolean,
): Promise<{ readonly answer: Answer } | { readonly error: unknown }> {
  try {
    return { answer: await request() };
  } catch (error) {
    if (!overloaded(error)) throw error;
    return { error };
  }
}

function toBatch<Id, Answer>({ failedId = String }: BatchOptions<Id, Answer>, judged: Judged<Id, Answer>): Batch<Id, Answer> {
  const ids = [judged.place];
  if ("answer" in judged) return { ids, answer: judged.answer, failures: [] };
  return { ids, answer: undefined, failures: [{ id: failedId(judged.place), error: judged.error }] };
}
