import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import type { CompileDesk } from "./compile-desk.ts";
import type { EpisodeTable } from "./episode-table.ts";
import type { Fault, FaultSchedule } from "./faults.ts";
import type { FakeAnswer } from "./ingest-routes.ts";
import type { FakeStatewaveStats } from "./request-counts.ts";

export interface AdminSettings {
  readonly faults: FaultSchedule;
  readonly table: EpisodeTable;
  readonly desk: Pick<CompileDesk, "subjects">;
  readonly stats: () => FakeStatewaveStats;
}

/**
 * The test's side of a fake that runs as a process: `POST /_fake/faults` (a JSON list; `[]` clears), `GET /_fake/stats`,
 * `GET /_fake/episodes?subject=&contains=` (`contains` looks at the text), `GET /_fake/subjects` (what is compiled). Undefined for any other
 * path.
 */
export async function answerAdmin(request: IncomingMessage, url: URL, settings: AdminSettings): Promise<FakeAnswer | undefined> {
  if (!url.pathname.startsWith("/_fake/")) return undefined;
  switch (`${request.method} ${url.pathname}`) {
    case "POST /_fake/faults": {
      const faults = await json(request);
      if (!Array.isArray(faults)) return { status: 400, body: { error: "a list of faults is wanted" } };
      settings.faults.set(faults as readonly Fault[]);
      return { status: 200, body: { set: faults.length } };
    }
    case "GET /_fake/stats":
      return { status: 200, body: settings.stats() };
    case "GET /_fake/episodes":
      return { status: 200, body: { episodes: settings.table.rows.filter((row) => matches(row, url.searchParams)) } };
    case "GET /_fake/subjects":
      return { status: 200, body: { subjects: settings.desk.subjects } };
    default:
      return { status: 404, body: { error: "no such admin endpoint" } };
  }
}

function matches(row: { readonly subject_id: string; readonly payload: object }, query: URLSearchParams): boolean {
  const subject = query.get("subject");
  const contains = query.get("contains");
  const text: unknown = Reflect.get(row.payload, "text");
  return (
    (subject === null || row.subject_id === subject) &&
    (contains === null || (typeof text === "string" && text.includes(contains)))
  );
}
