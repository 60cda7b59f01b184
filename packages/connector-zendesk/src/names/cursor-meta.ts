import * as v from "valibot";

/** What a list read by cursor reports about its next page. */
export const CursorMeta = v.object({
  /** Absent where everything came at once, and where the list counts its pages. */
  meta: v.nullish(v.looseObject({ has_more: v.boolean(), after_cursor: v.nullish(v.string()) })),
  next_page: v.nullish(v.unknown()),
});

/** A list that counts its pages and has more of them is never taken for whole: without a cursor its walk ends with an error. */
export function behindPage({ meta, next_page }: v.InferOutput<typeof CursorMeta>) {
  const isLast = next_page === null || next_page === undefined;
  return { next: meta?.after_cursor, hasMore: meta?.has_more ?? !isLast };
}
