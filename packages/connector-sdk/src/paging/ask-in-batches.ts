import type { FailedItem } from "../contract/page.ts";
import { PageSizes, type Sizes } from "./page-sizes.ts";
import { isOverloaded } from "./smaller-pages.ts";
import { type Suspect, Suspects } from "./suspects.ts";

export interface BatchOptions<Id, Answer> {
  /** Requested in this order. */
  readonly ids: readonly Id[];
  /** Requests these ids, at most as many as the largest size. */
  readonly request: (ids: readonly Id[], signal: AbortSignal) => Promise<Answer>;
  readonly signal: AbortSignal;
  /** How many ids to request at once, largest first. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether fewer ids may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
  /** The id of a failed item. Default: the id as text. */
  readonly failedId?: (id: Id) => string;
  /**
   * A cheap request to the same endpoint without any of the ids. If no id was answered, its success proves that the ids are at fault.
   * Default: the provider is at fault.
   */
  readonly probe?: (signal: AbortSignal) => Promise<unknown>;
}

/** The answer to some ids, or an id that the provider cannot answer for. */
export type Batch<Id, Answer> =
  | { readonly ids: readonly Id[]; readonly answer: Answer; readonly failures: readonly [] }
  | { readonly ids: readonly Id[]; readonly answer: undefined; readonly failures: readonly FailedItem[] };

/**
 * Requests a list of ids in batches. A batch that is too large for the provider is reduced step by step to one id. An id that fails on its
 * own is set aside. Once the provider has answered another request, or the probe, the id is requested again; if it fails again, it is
 * yielded as a failed item. Each id is in exactly one batch.
 *
 * @throws what `request` throws, unless another request proves that the provider works.
 */
export async function* askInBatches<Id, Answer>(
  options: BatchOptions<Id, Answer>,
): AsyncGenerator<Batch<Id, Answer>, void, undefined> {
  const { ids, request, signal, probe } = options;
  const isTooMuch = options.isOverloaded ?? isOverloaded;
  const sizes = new PageSizes(options.sizes);
  const suspects = new Suspects<Id>();
  for (let at = 0; at < ids.length;) {
    signal.throwIfAborted();
    const size = sizes.at();
    const batch = ids.slice(at, at + size);
    const [id] = batch;
    const found = await attempt(() => request(batch, signal), isTooMuch);
    if ("answer" in found) {
      sizes.answered(size);
      yield { ids: batch, answer: found.answer, failures: [] };
      yield* recheck(options, isTooMuch, suspects.answered());
    } else if (batch.length > 1 || id === undefined) {
      if (!sizes.tooLarge(size)) throw found.error;
      continue;
    } else {
      suspects.add({ place: id, error: found.error });
    }
    sizes.advance(batch.length);
    at += batch.length;
  }
  if (suspects.first === undefined) return;
  if (probe === undefined && !suspects.hasAnswer) throw suspects.first.error;
  await probe?.(signal);
  yield* recheck(options, isTooMuch, suspects.answered());
}

type Attempt<Answer> = { readonly answer: Answer } | { readonly error: unknown };

async function attempt<Answer>(request: () => Promise<Answer>, isTooMuch: (error: unknown) => boolean): Promise<Attempt<Answer>> {
  try {
    return { answer: await request() };
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    return { error };
  }
}

/** Requests the ids that failed alone again, now that the provider has answered another request. */
async function* recheck<Id, Answer>(
  { request, signal, failedId = String }: BatchOptions<Id, Answer>,
  isTooMuch: (error: unknown) => boolean,
  suspects: readonly Suspect<Id>[],
): AsyncGenerator<Batch<Id, Answer>, void, undefined> {
  for (const { place: id } of suspects) {
    const found = await attempt(() => request([id], signal), isTooMuch);
    if ("answer" in found) yield { ids: [id], answer: found.answer, failures: [] };
    else yield { ids: [id], answer: undefined, failures: [{ id: failedId(id), error: found.error }] };
  }
}
