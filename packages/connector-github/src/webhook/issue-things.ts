import * as v from "valibot";
import { account, instant, issueRow, type IssueRow, optionalText } from "../rows.ts";
import { readPayload, type RepositoryEvent } from "./delivery.ts";

/** A pull request as its own events show it has what a row of `/issues` has, in other places. */
const pullRequest = v.pipe(
  v.object({ ...issueRow.entries, merged_at: v.nullish(instant), merged_by: account, pull_request: v.optional(v.unknown()) }),
  v.transform(({ merged_at, merged_by, ...row }) => ({ ...row, closed_by: merged_by, pull_request: { merged_at } })),
);
const former = v.fallback(v.optional(v.object({ from: optionalText })), undefined);

/** What an edit changed, as it was before. */
export const changes = v.fallback(v.object({ title: former, body: former }), {});

const issueThing = v.object({ issue: issueRow, changes });
const pullThing = v.object({ pull_request: pullRequest, changes });

export interface ReadThing {
  readonly row: IssueRow;
  readonly changed: v.InferOutput<typeof changes>;
}

/** The issue or pull request that an event is about. */
export function readThing(event: RepositoryEvent): ReadThing {
  if (event.event === "pull_request") {
    const { pull_request: row, changes: changed } = readPayload(pullThing, event);
    return { row, changed };
  }
  const { issue: row, changes: changed } = readPayload(issueThing, event);
  return { row, changed };
}
