import type { DeadLetter, ItemQuery, Inbox, InboxItem } from "@statewave-connectors/connector-sdk/inbox";

/** What a letter is about, as far as its item shows it. */
export interface LetterAbout {
  /** Of an episode. */
  readonly kind?: string;
  /** Of an episode and a failed item the source's id, of an event the provider's id of the delivery. */
  readonly id?: string;
  /** Of an episode. */
  readonly subject?: string;
  /** Of an episode. */
  readonly idempotency_key?: string;
}

/** A letter in a list. */
export interface ListedLetter extends Omit<DeadLetter, "item"> {
  /** Absent unless it was requested. */
  readonly about?: LetterAbout;
}

export interface LetterQuery extends ItemQuery {
  /** Whether each letter says what it is about: its item is read for that. Default false. */
  readonly about?: boolean;
}

/** Items read at a time: one can have a megabyte. */
const itemsAtATime = 8;

/** Adds to each letter what it is about; to one that has left the list meanwhile, nothing. */
export async function withAbout(
  letters: readonly DeadLetter[],
  inbox: Pick<Inbox, "getDeadLetter">,
): Promise<readonly ListedLetter[]> {
  const listed: ListedLetter[] = [];
  for (let start = 0; start < letters.length; start += itemsAtATime) {
    const step = letters.slice(start, start + itemsAtATime);
    const items = await Promise.all(step.map(async ({ key }) => (await inbox.getDeadLetter(key))?.item));
    listed.push(...step.map((letter, at) => ({ ...letter, about: aboutOf(items[at]) })));
  }
  return listed;
}

/** What an item is about. A connector in plain JavaScript may have put anything into an episode. */
function aboutOf(item: InboxItem | undefined): LetterAbout {
  if (item === undefined) return {};
  if (item.type === "episode") {
    const { kind, subject, source, idempotency_key } = item.episode as Partial<typeof item.episode>;
    return named({ kind, id: source?.id, subject, idempotency_key });
  }
  return named({ id: item.id });
}

function named(about: Readonly<Record<keyof LetterAbout, unknown>> | { readonly id: unknown }): LetterAbout {
  return Object.fromEntries(Object.entries(about).filter(([, value]) => typeof value === "string" && value !== ""));
}
