import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { ListedLetter } from "../inbox-view/letter-about.ts";
import type { Operations } from "../control/operations/operations.ts";
import type { ShownQueued } from "../inbox-view/shown-queued.ts";

/** Where something was found. */
export type TraceFinding =
  | { readonly where: "inbox"; readonly item: ShownQueued }
  | { readonly where: "dead_letters"; readonly letter: ListedLetter }
  /** Its id is remembered: it was accepted within the dedup window. */
  | { readonly where: "remembered"; readonly source: SourceKey };

export interface Trace {
  readonly findings: readonly TraceFinding[];
  /** Whether all that is stored was looked at. */
  readonly isWhole: boolean;
}

export type TraceOf = Pick<Operations, "listQueued" | "getQueued" | "listDeadLetters" | "remembersEvent">;

const perPage = 500;
/** Further items and letters are not looked at. */
const mostLookedAt = 20_000;
/** A list does not show the episodes that were sent again: each is read by itself. Further ones are not. */
const mostEpisodesRead = 1_000;

/** Finds an event or an episode by the provider's id of the delivery, the key of an inbox item or a letter, or the idempotency key. */
export async function trace(operations: TraceOf, { push }: Pick<ConnectorsConfig, "push">, text: string): Promise<Trace> {
  const findings: TraceFinding[] = [];
  let isWhole = true;
  let episodesRead = 0;
  const isEpisodeOf = async ({ key, type }: ShownQueued): Promise<boolean> => {
    if (type !== "episode") return false;
    if (episodesRead === mostEpisodesRead) {
      isWhole = false;
      return false;
    }
    episodesRead += 1;
    const item = (await operations.getQueued(key))?.item;
    return item?.type === "episode" && item.episode.idempotency_key === text;
  };
  const items = await pagesOf(
    (after) => operations.listQueued({ limit: perPage, ...(after === undefined ? {} : { after }) }),
    async (item) => {
      if (item.key === text || item.id === text || (await isEpisodeOf(item))) findings.push({ where: "inbox", item });
    },
  );
  const letters = await pagesOf(
    (after) => operations.listDeadLetters({ limit: perPage, about: true, ...(after === undefined ? {} : { after }) }),
    async (letter) => {
      const { id, idempotency_key: key } = letter.about ?? {};
      if ([letter.key, id, key].includes(text)) findings.push({ where: "dead_letters", letter });
    },
  );
  isWhole &&= items && letters;
  for (const { kind, name } of push) {
    const source = { kind, name };
    if (await operations.remembersEvent(source, text)) findings.push({ where: "remembered", source });
  }
  return { findings, isWhole };
}

/** Resolves with whether all pages were looked at. */
async function pagesOf<Row extends { readonly key: string }>(
  read: (after: string | undefined) => Promise<readonly Row[]>,
  look: (row: Row) => Promise<void>,
): Promise<boolean> {
  let after: string | undefined;
  for (let seen = 0; seen < mostLookedAt; seen += perPage) {
    const page = await read(after);
    for (const row of page) await look(row);
    if (page.length < perPage) return true;
    after = page.at(-1)?.key;
  }
  return false;
}
