import { expect } from "vitest";

const mostShown = 5;

/** The first few of a list, and how many there are besides: a failure with whole pages says less. */
export function few<Item>(list: readonly Item[]): readonly (Item | string)[] {
  return list.length <= mostShown ? list : [...list.slice(0, mostShown), `… and ${list.length - mostShown} more`];
}

/** Fails with the keys that are missing and those that are not wanted, a few of each. Order and repetitions do not count. */
export function expectSameKeys(found: Iterable<string>, wanted: Iterable<string>, what: string): void {
  const [has, needs] = [new Set(found), new Set(wanted)];
  const missing = few([...needs].filter((key) => !has.has(key)));
  const unwanted = few([...has].filter((key) => !needs.has(key)));
  expect({ missing, unwanted }, what).toEqual({ missing: [], unwanted: [] });
}

/** Fails with the first place at which two lists of keys differ. */
export function expectSameOrder(found: readonly string[], wanted: readonly string[], what: string): void {
  expectSameKeys(found, wanted, what);
  const place = found.findIndex((key, at) => key !== wanted[at]);
  const differs = place === -1 && found.length === wanted.length ? "nowhere" : `at key ${place === -1 ? found.length : place}`;
  expect(differs, `${what}: the order or the number of keys differs`).toBe("nowhere");
}
