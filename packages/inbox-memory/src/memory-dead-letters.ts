import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type DeadLetter,
  type InboxItem,
  type InboxStats,
  letterIdentity,
  type KeyPage,
  letterType,
} from "@statewave-connectors/connector-sdk/inbox";
import { copyItem } from "./copy-item.ts";

type StoredLetter = DeadLetter & { readonly item: InboxItem };

/** The dead letters of an inbox in memory, in order of burial. An episode or a failed item lies here at most once: its first reason stays. */
export class MemoryDeadLetters {
  readonly #letters = new Map<string, StoredLetter>();
  readonly #keyByIdentity = new Map<string, string>();
  #lastKey = 0;

  /** `item` is kept as it is: it must be the inbox's own. */
  bury(item: InboxItem, reason: string, nowMs: number): void {
    const identity = letterIdentity(item);
    if (identity !== undefined && this.#keyByIdentity.has(identity)) return;
    this.#lastKey += 1;
    const key = String(this.#lastKey);
    this.#letters.set(key, { key, source: item.source, type: letterType(item.type), reason, buriedAtMs: nowMs, item });
    if (identity !== undefined) this.#keyByIdentity.set(identity, key);
  }

  list({ source, after, limit }: KeyPage): readonly DeadLetter[] {
    const wanted = source === undefined ? undefined : formatSourceKey(source);
    return [...this.#letters.values()]
      .filter((letter) => wanted === undefined || formatSourceKey(letter.source) === wanted)
      .filter(({ key }) => Number(key) > after)
      .slice(0, limit)
      .map(({ key, source: of, type, reason, buriedAtMs }) => ({ key, source: of, type, reason, buriedAtMs }));
  }

  get(key: string): DeadLetter | undefined {
    const letter = this.#letters.get(key);
    return letter === undefined ? undefined : { ...letter, item: copyItem(letter.item) };
  }

  /** Forgets letters; answers what they held. */
  remove(keys: readonly string[]): readonly InboxItem[] {
    return keys.flatMap((key) => {
      const letter = this.#letters.get(key);
      if (letter === undefined) return [];
      this.#letters.delete(key);
      const identity = letterIdentity(letter.item);
      if (identity !== undefined) this.#keyByIdentity.delete(identity);
      return [letter.item];
    });
  }

  counts(): InboxStats["deadLetters"] {
    const groups = Map.groupBy(this.#letters.values(), ({ source, type }) => `${formatSourceKey(source)} ${type}`);
    return [...groups.values()].flatMap((letters) =>
      letters.slice(0, 1).map(({ source, type }) => ({ source, type, count: letters.length })),
    );
  }
}
