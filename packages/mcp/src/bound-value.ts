import { isRecord } from "./foreign-fields.ts";
import { visibleText } from "./visible-text.ts";

export interface Bounds {
  /** Of a text. A longer one is cut, and its length is given. */
  readonly textCharacters: number;
  /** Of the value as JSON, about: what follows is left out and counted. */
  readonly totalCharacters: number;
}

/** A value that is small enough for an agent. */
export interface BoundedValue {
  readonly value: unknown;
  /** How many items or keys were left out, by the place where they would be. */
  readonly omitted: Readonly<Record<string, number>>;
}

const mostPlaces = 20;
/** Keys of foreign objects are part of it. */
const mostPlaceCharacters = 120;
/** An empty item takes this much. */
const fewestCharacters = 4;

/** Cuts texts, then leaves out what no longer fits, from the end. Every text in it is visible. */
export function boundValue(value: unknown, { textCharacters, totalCharacters }: Bounds): BoundedValue {
  const omitted = new Map<string, number>();
  let left = totalCharacters;

  const take = (text: string): string => {
    const visible = cut(visibleText(text.slice(0, textCharacters)), Math.min(textCharacters, left), text.length);
    left -= JSON.stringify(visible).length + 1;
    return visible;
  };
  const leaveOut = (place: string, count: number): void => {
    if (count > 0 && (omitted.size < mostPlaces || omitted.has(place))) omitted.set(place, (omitted.get(place) ?? 0) + count);
  };
  const walk = (inner: unknown, place: string): unknown => {
    if (typeof inner === "string") return take(inner);
    if (Array.isArray(inner)) return walkList(inner, place);
    if (isRecord(inner)) return walkRecord(inner, place);
    left -= fewestCharacters + String(inner).length;
    return inner;
  };
  const walkList = (list: readonly unknown[], place: string): unknown => {
    left -= fewestCharacters;
    const kept: unknown[] = [];
    for (const item of list) {
      if (left <= 0) break;
      kept.push(walk(item, `${place}[]`));
    }
    leaveOut(place, list.length - kept.length);
    return kept;
  };
  const walkRecord = (record: Readonly<Record<string, unknown>>, place: string): unknown => {
    left -= fewestCharacters;
    const entries = Object.entries(record).filter(([, inner]) => inner !== undefined);
    const kept: [string, unknown][] = [];
    for (const [key, inner] of entries) {
      if (left <= 0) break;
      const name = take(key);
      kept.push([name, walk(inner, (place === "" ? name : `${place}.${name}`).slice(0, mostPlaceCharacters).toWellFormed())]);
    }
    leaveOut(place, entries.length - kept.length);
    return Object.fromEntries(kept);
  };

  return { value: walk(value, ""), omitted: Object.fromEntries(omitted) };
}

/** `text` with at most so many characters; the mark behind it is ours. `whole`: how long it was. */
function cut(text: string, most: number, whole: number): string {
  if (text.length <= most && text.length >= whole) return text;
  return `${text.slice(0, Math.max(0, most)).toWellFormed()}… [cut: ${whole} characters]`;
}
