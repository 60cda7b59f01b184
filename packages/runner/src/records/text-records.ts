import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { toRunId } from "../run-id.ts";

/** A text as the record that it belongs to names it: whole, compressed, or in records of its own. */
export type KeptText =
  | { readonly text: string }
  | { readonly gzip: string }
  | { readonly name: string; readonly parts: number; readonly length: number };

export interface TextRecordsOptions {
  readonly records: StoreRecords;
  readonly scope: string;
  readonly random: () => number;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Compressing a shorter text gains nothing. */
const plainLength = 4_096;
/** Leaves room for the rest of the record, which has 64 KiB. */
const inlineLength = 40 * 1_024;
const partLength = 60 * 1_024;
/** No text that is kept is larger; what decompresses to more was not written here. */
const mostBytes = 16 * 1_024 * 1_024;
const partPrefix = "part/";

/** Keeps texts that may be larger than a record, such as cursors, whatever characters they hold. */
export class TextRecords {
  readonly #options: TextRecordsOptions;

  constructor(options: TextRecordsOptions) {
    this.#options = options;
  }

  /** Keeps a text until the record that names it is written. Parts that no record names expire after `ttlMs`. */
  async keep(text: string, ttlMs: number): Promise<KeptText> {
    if (text.length <= plainLength) return { text };
    // JSON escapes what a record cannot hold, such as halves of surrogate pairs.
    const packed = (await compress(Buffer.from(JSON.stringify(text)))).toString("base64");
    if (packed.length <= inlineLength) return { gzip: packed };
    const name = `${partPrefix}${toRunId(this.#options.random)}`;
    const parts = Math.ceil(packed.length / partLength);
    const { records, scope } = this.#options;
    for (let part = 0; part < parts; part += 1) {
      const value = packed.slice(part * partLength, (part + 1) * partLength);
      const { stored } = await records.compareAndSet({ scope, key: partKey(name, part), value, expectedVersion: 0, ttlMs });
      if (!stored) throw unreadable(scope, name);
    }
    return { name, parts, length: packed.length };
  }

  /** Throws `STORE_RECORD_UNREADABLE` when a part of it is missing or damaged. */
  async read(kept: KeptText): Promise<string> {
    if ("text" in kept) return kept.text;
    const { scope } = this.#options;
    const packed = "gzip" in kept ? kept.gzip : await this.#join(kept);
    try {
      const json = await decompress(Buffer.from(packed, "base64"), { maxOutputLength: mostBytes });
      const text: unknown = JSON.parse(json.toString("utf8"));
      if (typeof text === "string") return text;
    } catch (cause) {
      throw unreadable(scope, nameOf(kept), cause);
    }
    throw unreadable(scope, nameOf(kept));
  }

  /** Forgets the parts of a text that no record names any more. What cannot be deleted expires. */
  async drop(kept: KeptText | undefined): Promise<void> {
    if (kept === undefined || !("parts" in kept)) return;
    const { records, scope } = this.#options;
    for (let part = 0; part < kept.parts; part += 1) {
      const key = partKey(kept.name, part);
      const stored = await records.get(scope, key).catch(() => undefined);
      if (stored === undefined) continue;
      await records.compareAndSet({ scope, key, expectedVersion: stored.version }).catch(() => undefined);
    }
  }

  async #join({ name, parts }: Extract<KeptText, { readonly parts: number }>): Promise<string> {
    const { records, scope } = this.#options;
    let packed = "";
    for (let part = 0; part < parts; part += 1) {
      const record = await records.get(scope, partKey(name, part));
      if (record === undefined) throw unreadable(scope, name);
      packed += record.value;
    }
    return packed;
  }
}

/** How much of a store it takes, in characters of ASCII or more. */
export function keptLength(kept: KeptText): number {
  if ("text" in kept) return kept.text.length;
  return "gzip" in kept ? kept.gzip.length : kept.length;
}

/** The text as it stands in JSON; undefined when it is none. */
export function parseKeptText(value: unknown): KeptText | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { text, gzip: packed, name, parts, length } = value as Readonly<Record<string, unknown>>;
  if (typeof text === "string") return { text };
  if (typeof packed === "string") return { gzip: packed };
  const isNamed = typeof name === "string" && name.startsWith(partPrefix);
  const areCounts = [parts, length].every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
  return isNamed && areCounts && Number(parts) <= mostBytes / partLength
    ? { name, parts: Number(parts), length: Number(length) }
    : undefined;
}

function partKey(name: string, part: number): string {
  return `${name}/${String(part).padStart(4, "0")}`;
}

function nameOf(kept: KeptText): string {
  return "name" in kept ? kept.name : "a compressed text";
}

function unreadable(scope: string, name: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_UNREADABLE",
    message: `the records ${JSON.stringify(`${scope} ${name}`)} do not hold the text that was kept in them`,
    hint: "check whether another tool changed the records of the state, or restore a back-up",
    cause,
  });
}
