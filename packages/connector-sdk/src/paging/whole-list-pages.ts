import { createHash } from "node:crypto";
import * as v from "valibot";

/** What the next run needs to know of a list that comes whole. Part of the cursor's schema. */
export const wholeListState = v.strictObject({
  /** The items of the last answer that were yielded, shortened. */
  seen: v.pipe(v.array(v.string()), v.readonly()),
  etag: v.optional(v.string()),
  lastModified: v.optional(v.string()),
});

export type WholeListState = v.InferOutput<typeof wholeListState>;

/** What a request for the list takes, so that an unchanged list comes as `notModified`. */
export interface WholeListRequest {
  readonly signal: AbortSignal;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** The list, or the provider's word that it did not change. */
export type WholeListRead<Item> =
  | { readonly notModified: true }
  | {
      readonly notModified: false;
      readonly items: readonly Item[];
      readonly etag?: string | undefined;
      readonly lastModified?: string | undefined;
    };

export interface WholeListOptions<Item> {
  /** Requests the list. An answer of `ProviderClient` with its `items` fits. */
  readonly fetchList: (request: WholeListRequest) => Promise<WholeListRead<Item>>;
  /** What identifies an item within the list. Undefined or an empty text: its whole content does. */
  readonly idOf: (item: Item) => string | undefined;
  /** Of the last run. */
  readonly state: WholeListState | undefined;
  readonly signal: AbortSignal;
  /** The most items of a page. Default 100. */
  readonly pageSize?: number;
}

/** New items of the list, and where the next run resumes behind them. */
export interface WholeListPage<Item> {
  readonly items: readonly Item[];
  readonly state: WholeListState;
}

/** As many as fit into a cursor. Forgetting an item costs a repeated episode, which its key absorbs. */
const mostSeen = 50_000;
/** 72 bits tell so many items apart, however long their ids are. */
const shortLength = 12;

/**
 * Yields the new items of a list that the provider gives in one answer, as a feed or a calendar, page by page in its order. An item that
 * changes under the same id is not new. An item that leaves the list is forgotten.
 */
export async function* wholeListPages<Item>(
  options: WholeListOptions<Item>,
): AsyncGenerator<WholeListPage<Item>, void, undefined> {
  const { fetchList, idOf, state: before, signal, pageSize = 100 } = options;
  const read = await fetchList({ etag: before?.etag, lastModified: before?.lastModified, signal });
  if (read.notModified) return;
  const listed = new Map(read.items.map((item) => [shortened(keyOf(item, idOf)), item]));
  const seen = new Set(before?.seen.filter((id) => listed.has(id)));
  const fresh = [...listed].filter(([id]) => !seen.has(id));
  do {
    signal.throwIfAborted();
    const page = fresh.splice(0, pageSize);
    for (const [id] of page) seen.add(id);
    // Only behind the last page an unchanged list has nothing to say.
    const state = stateOf(seen, fresh.length === 0 ? read : {});
    if (page.length > 0 || JSON.stringify(state) !== JSON.stringify(before)) yield { items: page.map(([, item]) => item), state };
  } while (fresh.length > 0);
}

/** The content of an item without an id, also of one so broken that none can be read: it costs no other item. */
function keyOf<Item>(item: Item, idOf: WholeListOptions<Item>["idOf"]): string {
  let id: unknown;
  try {
    id = idOf(item);
  } catch {
    id = undefined;
  }
  // It comes from a provider, and may be a number or an object whatever its type says.
  const known = typeof id === "number" ? String(id) : id;
  return typeof known === "string" && known !== "" ? known : (JSON.stringify(item) ?? "");
}

function stateOf(seen: ReadonlySet<string>, { etag, lastModified }: Partial<Omit<WholeListRequest, "signal">>): WholeListState {
  return {
    seen: [...seen].slice(-mostSeen),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
  };
}

function shortened(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, shortLength);
}
