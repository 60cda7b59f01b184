import { activityPage } from "./pages/activity.ts";
import { auditPage } from "./pages/audit.ts";
import { backfillsPage, cancelBackfill } from "./pages/backfills.ts";
import { inboxItemPage, inboxPage } from "./pages/inbox.ts";
import { actOnLetters } from "./pages/letter-actions.ts";
import { letterPage, lettersPage } from "./pages/letters.ts";
import { overview } from "./pages/overview.ts";
import { changePause } from "./pages/pause-actions.ts";
import { sourcePage } from "./pages/source.ts";
import type { ConsolePage, Visit } from "./visit.ts";

type MakePage = (visit: Visit) => Promise<ConsolePage>;

const shown: ReadonlyMap<string, MakePage> = new Map([
  ["/console/", overview],
  ["/console/activity", activityPage],
  ["/console/inbox", inboxPage],
  ["/console/inbox/item", inboxItemPage],
  ["/console/letters", lettersPage],
  ["/console/letters/letter", letterPage],
  ["/console/backfills", backfillsPage],
  ["/console/audit", auditPage],
]);

const acting: ReadonlyMap<string, MakePage> = new Map([
  ["/console/letters/act", actOnLetters],
  ["/console/backfills/cancel", cancelBackfill],
  ["/console/sources/pause", changePause],
]);

/** What makes the page of a path; undefined for one that there is not. */
export function findPage(method: string, path: string): MakePage | undefined {
  if (method === "POST") return acting.get(path);
  return shown.get(path) ?? (path.startsWith("/console/sources/") ? sourcePage : undefined);
}
