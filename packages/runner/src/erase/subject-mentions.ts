import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { foldText } from "./fold-name.ts";
import { foreignReadings } from "./foreign-readings.ts";
import { leastNameLength, type SubjectSpellings } from "./subject-spellings.ts";

/** Which names count: only the whole subject, or its name without its type as well. */
export type MentionExtent = "whole" | "named";

interface Place {
  readonly from: number;
  readonly to: number;
}

/** A text that is shorter was not cut. */
const shortestCutText = 100;
const erased = "[erased]";

/** Whether a text mentions the subject in any spelling, and not only as a part of a longer name. */
export function mentions(text: string, of: SubjectSpellings, extent: MentionExtent = "named"): boolean {
  return placesIn(text, of, extent).next().done !== true;
}

/** The same for a foreign text, in which it may be escaped. */
export function mentionsEscaped(text: string, of: SubjectSpellings): boolean {
  for (const reading of foreignReadings(text)) if (mentions(reading, of)) return true;
  return false;
}

/** The text with each mention replaced, also the beginning of one with which a text ends that was cut. */
export function withoutMentions(text: string, of: SubjectSpellings, extent: MentionExtent = "named"): string {
  const places = [...placesIn(text, of, extent)].toSorted((left, right) => left.from - right.from || right.to - left.to);
  let kept = "";
  let at = 0;
  for (const { from, to } of places) {
    if (to <= at) continue;
    if (from >= at) kept += text.slice(at, from) + erased;
    at = to;
  }
  return withoutCutName(kept + text.slice(at), of[extent].texts);
}

function* placesIn(text: string, of: SubjectSpellings, extent: MentionExtent): Generator<Place, void> {
  const { texts, folded } = of[extent];
  for (const spelling of texts) yield* namesIn(text, text, spelling, (index) => index);
  const { text: foldedText, placeOf } = foldText(text);
  for (const name of folded) {
    for (const place of namesIn(text, foldedText, name, placeOf)) {
      const found = text.slice(place.from, place.to);
      const isIt = canonicalSubject(found) === of.canonical;
      if (isIt || (extent === "named" && canonicalSubject(of.type + found) === of.canonical)) yield place;
    }
  }
}

/** Where `name` stands in `searched`, as places of `text`. */
function* namesIn(text: string, searched: string, name: string, placeOf: (index: number) => number): Generator<Place, void> {
  if (name === "") return;
  for (let at = searched.indexOf(name); at >= 0; at = searched.indexOf(name, at + 1)) {
    const [from, to] = [placeOf(at), placeOf(at + name.length)];
    if (!isNamePart(text, from - 1, -1) && !isNamePart(text, to, 1)) yield { from, to };
  }
}

/** A full stop or a hyphen belongs to a name only where the name continues behind it. */
function isNamePart(text: string, at: number, step: 1 | -1): boolean {
  const character = text[at] ?? "";
  if (/[\p{L}\p{N}_]/u.test(character)) return true;
  return /[.-]/.test(character) && /[\p{L}\p{N}_]/u.test(text[at + step] ?? "");
}

function withoutCutName(text: string, spellings: readonly string[]): string {
  if (text.length < shortestCutText) return text;
  const end = text.endsWith("…") ? text.length - 1 : text.length;
  const lengths = spellings.map((spelling) => cutLength(text, end, spelling));
  const longest = Math.max(0, ...lengths);
  return longest === 0 ? text : text.slice(0, end - longest) + erased + text.slice(end);
}

/** How many characters of the spelling's beginning stand before `end`; 0: too few. */
function cutLength(text: string, end: number, spelling: string): number {
  for (let length = spelling.length - 1; length >= leastNameLength; length -= 1) {
    const isThere = text.startsWith(spelling.slice(0, length), end - length);
    if (isThere && !isNamePart(text, end - length - 1, -1)) return length;
  }
  return 0;
}
