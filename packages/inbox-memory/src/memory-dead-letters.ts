import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type DeadLetter,
  type DeadLetterQuery,
  type InboxItem,
  type InboxStats,
  letterIdentity,
  letterType,
} from "@statewave-connectors/connector-sdk/inbox";
import { copyItem } from "./copy-item.ts";

type StoredLetter = DeadLetter & { readonly item: InboxItem };

/** The dead letters of an inbox in memory, in order of burial. An episode or an unmapped item lies here at most once: its first reason stays. */
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

  list({ source, after, limit = 100 }: DeadLetterQuery): readonly DeadLetter[] {
    const wanted = source === undefined ? undefined : formatSourceKey(source);
    return [...this.#letters.values()]
      .filter((letter) => wanted === undefined || formatSourceKey(letter.source) === wanted)
      .filter(({ key }) => after === undefined || Number(key) > Number(after))
      .slice(0, Math.max(0, Math.min(1_000, limit)))
      .map(({ key, source: letterSource, type, reason, buriedAtMs }) => ({
        key,
        source: letterSource,
        type,
        reason,
        buriedAtMs,
      }));
  }

  get(key: string): DeadLetter | undefined {
    const letter = this.#letters.get(key);
    return letter === undefined ? undefined : { ...letter, item: copyItem(letter.item) };
  }

  /** Forgets a letter; answers what it held. */
  remove(key: string): InboxItem | undefined {
    const letter = this.#letters.get(key);
    if (letter === undefined) return undefined;
    this.#letters.delete(key);
    const identity = letterIdentity(letter.item);
    if (identity !== undefined) this.#keyByIdentity.delete(identity);
    return letter.item;
  }

  counts(): InboxStats["deadLetters"] {
    const groups = Map.groupBy(this.#letters.values(), ({ source, type }) => `${formatSourceKey(source)} ${type}`);
    return [...groups.values()].map((letters) => ({ source: letters[0]!.source, type: letters[0]!.type, count: letters.length }));
  }
}
