import {
  type DeadLetter,
  type InboxItem,
  itemJson,
  type KeyPage,
  letterType,
  parseKey,
} from "@statewave-connectors/connector-sdk/inbox";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { RedisScripts } from "@statewave-connectors/redis-client";
import { decodeItem, type EncodedItem, encodeItem, letterSubject, type StoredItem } from "./encode-item.ts";
import { buryScript, getLetterScript, listLettersScript, removeLettersScript } from "./scripts.ts";

/** A claimed item that is to be buried: only as long as its lock holds the token. */
export interface ClaimedBurial {
  readonly source: string;
  readonly jobId: string;
  readonly stored: StoredItem;
  readonly reason: string;
  readonly lockKey: string;
  readonly token: string;
}

const pageLength = 1_000;

/** Dead letters, which BullMQ has no place for: a job gets into its failed set only by failing. Each step is one script. */
export class DeadLetters {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  /** Of an episode or a failed item. */
  async bury(item: InboxItem, reason: string): Promise<void> {
    const { source, stored } = encodeItem(item);
    const args = [
      letterSubject(item) ?? "",
      `${source} ${letterType(item.type)}`,
      JSON.stringify(reason),
      itemJson(stored),
      "",
      "",
    ];
    await this.#scripts.run(buryScript, args);
  }

  /** Answers whether there is a letter of it now; false: the claim was lost, and another process decides. */
  async buryClaimed({ source, jobId, stored, reason, lockKey, token }: ClaimedBurial): Promise<boolean> {
    const item = decodeItem(source, stored);
    const of = letterSubject(item) ?? `job ${jobId}`;
    const args = [of, `${source} ${letterType(item.type)}`, JSON.stringify(reason), itemJson(stored), lockKey, token];
    return (await this.#scripts.run<number>(buryScript, args)) >= 0;
  }

  async list({ source, limit: wanted, after }: KeyPage): Promise<readonly DeadLetter[]> {
    const only = source === undefined ? undefined : formatSourceKey(source);
    const letters: DeadLetter[] = [];
    let behind = String(after);
    while (letters.length < wanted) {
      const page: readonly string[] = await this.#scripts.run(listLettersScript, [
        behind,
        only === undefined ? wanted : pageLength,
      ]);
      for (let at = 0; at + 1 < page.length; at += 2) {
        const letter = toDeadLetter(page[at] ?? "", page[at + 1] ?? "");
        if (only === undefined || formatSourceKey(letter.source) === only) letters.push(letter);
      }
      if (page.length === 0) break;
      behind = page.at(-2) ?? "+inf";
    }
    return letters.slice(0, wanted);
  }

  async get(key: string): Promise<DeadLetter | undefined> {
    const [text, item] = await this.#read(key);
    if (text === null || item === null) return undefined;
    const letter = toDeadLetter(key, text);
    return { ...letter, item: decodeItem(formatSourceKey(letter.source), JSON.parse(item) as StoredItem) };
  }

  /** The item of a letter, ready to be stored again. */
  async item(key: string): Promise<EncodedItem | undefined> {
    const letter = await this.get(key);
    return letter?.item === undefined ? undefined : encodeItem(letter.item);
  }

  /** Answers how many of the keys there were. */
  async remove(keys: readonly string[]): Promise<number> {
    return keys.length === 0 ? 0 : this.#scripts.run<number>(removeLettersScript, keys);
  }

  async #read(key: string): Promise<readonly [letter: string | null, item: string | null]> {
    return parseKey(key) !== undefined ? this.#scripts.run(getLetterScript, [key]) : [null, null];
  }
}

/** What stands behind the source in the index. */
export function toLetterType(text: string | undefined): DeadLetter["type"] {
  return text === "episode" || text === "item" ? text : "event";
}

function toDeadLetter(key: string, text: string): DeadLetter {
  const [, sourceAndType = "", buriedAt = "", reason = '""'] = text.split("\n");
  const [source = "", type] = sourceAndType.split(" ");
  return {
    key,
    source: parseSourceKey(source) ?? { kind: source, name: "" },
    type: toLetterType(type),
    reason: JSON.parse(reason) as string,
    buriedAtMs: Number(buriedAt),
  };
}
