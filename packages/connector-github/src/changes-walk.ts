import type { Logger } from "@statewave-connectors/connector-sdk";
import { batchSize, type Changed, isBehind } from "./changes-queue.ts";
import { type ChangedItem, type ChangesAnswer, queryChanges } from "./changes-query.ts";
import type { GithubClient } from "./client.ts";
import { type GraphqlAccess, GraphqlRefused } from "./graphql-question.ts";
import { countOf, type WalkedPage } from "./keyset-walk.ts";
import type { Repository } from "./repository.ts";

/** An item, and what of it is to be told. */
export interface AskedChange {
  readonly entry: Changed;
  readonly item: ChangedItem;
}

/** The items of the queue that is left. */
export type ChangesPage = WalkedPage<AskedChange, readonly Changed[]>;

/** Smaller ones only where GitHub does not manage 100 items in time. */
const batchSizes = [batchSize, 30, 10];

/** Whether GraphQL can say what was done. Without it nothing is queued. */
export function canAskChanges(client: GithubClient, repository: Repository, access: GraphqlAccess): boolean {
  return client.authenticated && !access.refused.has(repository.id);
}

/**
 * Asks about the queue until fewer than `least` items are left; one page for each question. An item that GraphQL's replica does not know
 * yet as the list showed it goes to the queue's end, for the next tick.
 */
export async function* walkChanges(
  client: GithubClient,
  repository: Repository,
  from: readonly Changed[],
  context: { readonly least: number; readonly access: GraphqlAccess; readonly signal: AbortSignal; readonly logger: Logger },
): AsyncGenerator<ChangesPage, void, undefined> {
  const { least, access, signal, logger } = context;
  let queue = from;
  for (let unasked = from.length; unasked > 0 && queue.length >= least;) {
    let answer: ChangesAnswer;
    try {
      answer = await queryChanges(client, queue.slice(0, unasked), batchSizes, signal);
    } catch (error) {
      if (!(error instanceof GraphqlRefused)) throw error;
      access.refused.add(repository.id);
      logger.warn("GraphQL refuses to say what was done to issues and comments: edits and reopenings are left to webhooks", {
        error,
      });
      yield { rows: [], skipped: countOf("change_not_told", queue.length), state: [] };
      return;
    }
    const { asked, behind, rows } = sort(queue, answer);
    unasked -= asked;
    queue = queue.slice(asked).concat(behind);
    yield { rows, skipped: countOf("change_not_found", asked - behind.length - rows.length), state: queue };
  }
}

/** What was asked for: answered, behind, or gone. */
function sort(
  queue: readonly Changed[],
  { asked, items, dateMs }: ChangesAnswer,
): { readonly asked: number; readonly behind: readonly Changed[]; readonly rows: readonly AskedChange[] } {
  const behind: Changed[] = [];
  const rows: AskedChange[] = [];
  for (const [at, entry] of queue.slice(0, asked).entries()) {
    const item = items[at];
    if (isBehind(entry, item?.updatedAt, dateMs)) behind.push(entry);
    else if (item !== undefined) rows.push({ entry, item });
  }
  return { asked, behind, rows };
}
