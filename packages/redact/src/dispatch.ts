import { isFoldable } from "./fold.ts";
import { any, type CharacterSet, type Hit, type Matcher, type Scan } from "./scan.ts";

/** Every character that is not ASCII counts as this one. */
const other = 127;
const size = 128;
const pairMask = size * size - 1;

/**
 * Which matchers begin with which three characters. One look into a table of bits says whether any does: in ordinary text few places need
 * another look, however many rules there are.
 */
export class Dispatch {
  /** A bit for each three characters. */
  readonly #begins = new Uint8Array(size ** 3 / 8);
  readonly #groupOf = new Uint16Array(size * size);
  /** For each group, by the third character, which of the lists is to be tried. */
  readonly #listOf: Uint16Array;
  readonly #lists: readonly (readonly Matcher[])[];

  constructor(matchers: readonly Matcher[]) {
    const starts = matchers.flatMap((matcher) =>
      matcher.starts.map(([first, second, third]): Start => ({ matcher, masks: [maskOf(first), maskOf(second), maskOf(third)] })),
    );
    const table = new Table();
    for (let first = 0; first < other; first += 1) {
      const fits = starts.filter(({ masks }) => masks[0][first] === 1);
      for (let second = 0; second < size && fits.length > 0; second += 1) {
        const group = fits.filter(({ masks }) => masks[1][second] === 1);
        if (group.length > 0) this.#add(first * size + second, table.groupOf(group), table);
      }
    }
    this.#lists = table.lists;
    this.#listOf = Uint16Array.from(table.rows.flat());
  }

  #add(pair: number, group: number, { rows }: Table): void {
    this.#groupOf[pair] = group;
    for (const [third, list] of (rows[group] ?? []).entries()) {
      const three = pair * size + third;
      if (list !== 0) this.#begins[three >> 3] = (this.#begins[three >> 3] ?? 0) | (1 << (three & 7));
    }
  }

  /** The hits of one pass over the text, in order and apart from each other; undefined when the text has to be folded first. */
  find(scan: Scan): readonly Hit[] | undefined {
    const { text } = scan;
    const begins = this.#begins;
    const hits: Hit[] = [];
    const last = text.length - 1;
    // The last two characters; with the next one, three.
    let two = codeAt(text, 0) * size + codeAt(text, 1);
    if (isFoldable(text.charCodeAt(0)) || isFoldable(text.charCodeAt(1))) return undefined;
    for (let at = 0; at < last; at += 1) {
      let code = at + 2 <= last ? text.charCodeAt(at + 2) : other;
      if (code >= other) {
        if (isFoldable(code)) return undefined;
        code = other;
      }
      const three = two * size + code;
      two = three & pairMask;
      if ((((begins[three >> 3] ?? 0) >> (three & 7)) & 1) === 0) continue;
      const hit = this.#match(scan, at, three);
      if (hit === undefined) continue;
      hits.push(hit);
      scan.floor = hit.end;
      for (let skipped = at + 3; skipped < hit.end + 2; skipped += 1) if (isFoldable(text.charCodeAt(skipped))) return undefined;
      at = hit.end - 1;
      two = codeAt(text, hit.end) * size + codeAt(text, hit.end + 1);
    }
    scan.steps += text.length;
    return hits;
  }

  #match(scan: Scan, at: number, three: number): Hit | undefined {
    const group = this.#groupOf[three >> 7] ?? 0;
    const list = this.#listOf[group * size + (three & (size - 1))] ?? 0;
    for (const matcher of this.#lists[list] ?? []) {
      scan.steps += 1;
      const hit = matcher.match(scan, at);
      // A hit ends behind where it was found: the pass goes forward.
      if (hit !== undefined && hit.start >= scan.floor && hit.end > at) return hit;
    }
    return undefined;
  }
}

/** A matcher, and what its three characters may be. */
interface Start {
  readonly matcher: Matcher;
  readonly masks: readonly [Uint8Array, Uint8Array, Uint8Array];
}

/** Groups and lists while they are made, equal ones once. The first of both is that of nothing. */
class Table {
  readonly lists: (readonly Matcher[])[] = [[]];
  readonly rows: (readonly number[])[] = [Array.from({ length: size }, () => 0)];
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<unknown, number>();

  /** The number of the group of matchers that two characters may begin. */
  groupOf(starts: readonly Start[]): number {
    return this.#numberOf("group", starts, () => this.rows.push(this.#row(starts)) - 1);
  }

  #row(starts: readonly Start[]): readonly number[] {
    return Array.from({ length: size }, (_, third) => {
      const matchers = starts.filter(({ masks }) => masks[2][third] === 1).map(({ matcher }) => matcher);
      return matchers.length === 0 ? 0 : this.#numberOf("list", matchers, () => this.lists.push(matchers) - 1);
    });
  }

  #numberOf(what: string, things: readonly unknown[], add: () => number): number {
    const name = `${what} ${things.map((thing) => this.#idOf(thing)).join()}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = add();
    this.#numbers.set(name, number);
    return number;
  }

  #idOf(thing: unknown): number {
    const id = this.#ids.get(thing) ?? this.#ids.size;
    this.#ids.set(thing, id);
    return id;
  }
}

function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < other ? code : other;
}

function maskOf(set: CharacterSet): Uint8Array {
  if (set === any) return new Uint8Array(size).fill(1);
  if (typeof set !== "string") return set;
  const mask = new Uint8Array(size);
  for (const character of set) mask[character.charCodeAt(0)] = 1;
  return mask;
}
