import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { type CompileRecords, pageKey } from "./compile-records.ts";
import { inGroups } from "./in-groups.ts";
import { mergeTouches } from "./plan-round.ts";
import { formatPage, type Touch, touchesPerPage } from "./touch.ts";

/** Fewer pages are left as they are. */
const fewPages = 64;
/** So many times the pages that would do are too many. */
const sparseness = 4;

/**
 * Rewrites pages that hold little or the same subjects, so that a server that compiles nothing for days does not fill the store. The touches
 * are written before the pages are removed, and stay recorded all the time. Answers whether anything changed.
 */
export async function compactPages(
  records: CompileRecords,
  pages: readonly StoreRecord[],
  touches: readonly Touch[],
  { owner, nowMs }: { readonly owner: string; readonly nowMs: number },
): Promise<boolean> {
  if (pages.length < fewPages) return false;
  const bySubject = Map.groupBy(touches, ({ subject }) => subject);
  if (pages.length < Math.ceil(bySubject.size / touchesPerPage) * sparseness) return false;
  const merged = Array.from(bySubject.values(), mergeTouches);
  for (let at = 0; at < merged.length; at += touchesPerPage) {
    const value = formatPage(merged.slice(at, at + touchesPerPage));
    if ((await records.write(pageKey(nowMs, `${owner} compact`, at), value, 0)) === undefined) return false;
  }
  // One that was written meanwhile stays.
  await inGroups(pages, ({ key, version }) => records.write(key, undefined, version));
  return true;
}
