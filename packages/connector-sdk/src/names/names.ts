/** What ids stand for, by kind of id, e.g. `names.user("U1")`; undefined where nothing is known, and then the id is written. */
export type Names<Values> = { readonly [Kind in keyof Values]: (id: string) => Values[Kind] | undefined };

/**
 * Passes on the names that are known and notes which ones are missing. Mapping an item with it says what to look up, with no second
 * description of which ids an episode shows. Bounded: an item that mentions thousands of people does not cause thousands of look-ups.
 */
export class NameRequests<Values> {
  readonly names: Names<Values>;
  /** The ids without a name, by kind. */
  readonly ids: Readonly<Record<keyof Values, ReadonlySet<string>>>;

  constructor(known: Names<Values>, mostOfEach: number) {
    const kinds = Object.keys(known) as (keyof Values)[];
    const ids = Object.fromEntries(kinds.map((kind) => [kind, new Set<string>()])) as Record<keyof Values, Set<string>>;
    const noting = (kind: keyof Values) => (id: string) => {
      const value = known[kind](id);
      if (value === undefined && ids[kind].size < mostOfEach) ids[kind].add(id);
      return value;
    };
    this.names = Object.fromEntries(kinds.map((kind) => [kind, noting(kind)])) as Names<Values>;
    this.ids = ids;
  }
}
