import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import type { CompileRecords } from "./compile-records.ts";
import { inGroups } from "./in-groups.ts";
import { formatPage, parsePage, type Touch } from "./touch.ts";

/** A page that is written between each two attempts keeps its touches: its subjects are then compiled once more. */
const mostAttempts = 5;

/**
 * Removes the touches of taken subjects from the pages, which were read before the subjects were taken. What was touched again since then stays:
 * the process that recorded it may already know that the subjects are taken, and relies on the record being there.
 */
export async function takeFromPages(
  records: CompileRecords,
  pages: readonly StoreRecord[],
  touches: readonly Touch[],
): Promise<void> {
  const subjects = new Set(touches.map(({ subject }) => subject));
  await inGroups(pages, (page) => takeFromPage(records, page, subjects));
}

async function takeFromPage(records: CompileRecords, page: StoreRecord, subjects: ReadonlySet<string>): Promise<void> {
  const leaving = new Set(
    parsePage(page.value)
      .filter(({ subject }) => subjects.has(subject))
      .map(identify),
  );
  let stored: StoreRecord | undefined = page;
  for (let attempt = 0; leaving.size > 0 && stored !== undefined && attempt < mostAttempts; attempt += 1) {
    const kept = parsePage(stored.value).filter((touch) => !leaving.has(identify(touch)));
    const value = kept.length === 0 ? undefined : formatPage(kept);
    if ((await records.write(stored.key, value, stored.version)) !== undefined) return;
    stored = await records.get(stored.key);
  }
}

/** Each time a process records a subject again in a page, this differs. */
function identify({ subject, firstMs, lastMs, failures }: Touch): string {
  return `${subject} ${firstMs} ${lastMs} ${failures}`;
}
