import { expect, test } from "vitest";
import type { Episode } from "../../src/index.ts";
import { pagesWithin } from "../../src/paging/index.ts";
import { collect } from "./overloaded.ts";

const at = (time: string): Episode => ({
  subject: "s",
  kind: "acme.item",
  text: time,
  occurred_at: time,
  source: { type: "item", id: time },
  idempotency_key: time,
});

test("of pages only the episodes in the range are left, its beginning included and its end not", async () => {
  const times = ["2026-01-01T00:59:59+01:00", "2026-01-01T01:00:00+01:00", "2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00Z"];
  const all = async function* pages() {
    yield { episodes: times.map(at), cursor: "1", skipped: { draft: 2 } };
    yield { episodes: [], cursor: "2" };
  };
  const { values } = await collect(pagesWithin(all(), { since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z" }));

  expect(values).toEqual([
    { episodes: times.slice(1, 3).map(at), cursor: "1", skipped: { draft: 2 } },
    { episodes: [], cursor: "2" },
  ]);
});
