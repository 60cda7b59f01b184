import type { Logger } from "@statewave-connectors/connector-sdk";
import { requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import { batchSize, type Changed, isBehind } from "./changes-queue.ts";
import { type ChangedItem, type ChangesAnswer, probeGraphql, queryChanges } from "./changes-query.ts";
import type { GithubClient } from "../client.ts";
import { type GraphqlAccess, GraphqlRefused } from "../graphql.ts";
import { countOf, type WalkedPage } from "./list-walk.ts";
import type { Repository } from "../repository.ts";

/** An item, and which of its changes become episodes. */
export interface AnsweredChange {
  readonly entry: Changed;
  readonly item: ChangedItem;
}

/** The items of the queue that is left. */
export type ChangesPage = WalkedPage<AnsweredChange, readonly Changed[]>;

/** Whether GraphQL is available. Without it nothing is queued. */
export function canQueryChanges(client: GithubClient, repository: Repository, access: GraphqlAccess): boolean {
  return client.authenticated && !access.refused.has(repository.id);
}

/**
 * Queries the queue until fewer than `least` items are left; one page for each query. An item for which GraphQL's replica lags behind the
 * list moves to the end of the queue, for the next run. An item that GraphQL cannot answer for is a failed item.
 */
export async function* walkChanges(
  client: GithubClient,
  repository: Repository,
  from: readonly Changed[],
  context: { readonly least: number; readonly access: GraphqlAccess; readonly signal: AbortSignal; readonly logger: Logger },
): AsyncGenerator<ChangesPage, void, undefined> {
  const { least, access, signal, logger } = context;
  const waiting = least > 1 ? from.length - (from.length % least) : from.length;
  let queue = from;
  const batches = requestInBatches<Changed, ChangesAnswer>({
    ids: from.slice(0, waiting),
    request: (entries) => queryChanges(client, entries, signal),
    failedId: ({ id }) => `${repository.fullName}/changes/${id}`,
    probe: () => probeGraphql(client, signal),
    sizes: batchSizes,
    signal,
  });
  try {
    for await (const { ids, answer, failures } of batches) {
      const asked = new Set(ids);
      const rest = queue.filter((entry) => !asked.has(entry));
      const { behind, rows } = answer === undefined ? { behind: [], rows: [] } : sort(ids, answer);
      queue = [...rest, ...behind];
      const gone = ids.length - behind.length - rows.length - failures.length;
      yield { rows, failures, skipped: countOf("change_not_found", gone), state: queue };
    }
  } catch (error) {
    if (!(error instanceof GraphqlRefused)) throw error;
    access.refused.add(repository.id);
    logger.warn("GraphQL refuses to say what was done to issues and comments: edits and reopenings are left to webhooks", {
      error,
    });
    yield { rows: [], skipped: countOf("change_unknown", queue.length), state: [] };
  }
}

/** GitHub accepts 100 ids in one query; fewer are sent after it failed to answer for 100. */
const batchSizes = [batchSize, 30, 10, 1];

/** The queried items: answered, behind, or gone. */
function sort(
  asked: readonly Changed[],
  { items, dateMs }: ChangesAnswer,
): { readonly behind: readonly Changed[]; readonly rows: readonly AnsweredChange[] } {
  const behind: Changed[] = [];
  const rows: AnsweredChange[] = [];
  for (const [at, entry] of asked.entries()) {
    const item = items[at];
    if (isBehind(entry, item?.updatedAt, dateMs)) behind.push(entry);
    else if (item !== undefined) rows.push({ entry, item });
  }
  return { behind, rows };
}
