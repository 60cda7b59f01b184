import type { DeadLetter, Inbox } from "./inbox.ts";

export interface OldLetters {
  /** Letters that were buried earlier are forgotten. Epoch milliseconds. */
  readonly beforeMs: number;
  /** At most so many. */
  readonly atMost: number;
}

const pageLength = 500;

/**
 * Forgets the oldest dead letters for good, whatever the inbox; items that wait stay. Answers how many there were; a letter
 * that was retried or discarded meanwhile does not count. A page without an old letter ends it: letters are listed in the order of their burial.
 */
export async function discardOldLetters(
  inbox: Pick<Inbox, "listDeadLetters" | "discardDeadLetters">,
  { beforeMs, atMost }: OldLetters,
): Promise<number> {
  let discarded = 0;
  let after: string | undefined;
  while (discarded < atMost) {
    const page: readonly DeadLetter[] = await inbox.listDeadLetters({
      limit: Math.min(pageLength, atMost - discarded),
      ...(after === undefined ? {} : { after }),
    });
    const old = page.filter(({ buriedAtMs }) => buriedAtMs < beforeMs);
    if (old.length === 0) break;
    discarded += await inbox.discardDeadLetters(old.map(({ key }) => key));
    after = page.at(-1)?.key;
  }
  return discarded;
}
