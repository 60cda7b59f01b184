/** What Slack answers for a part of a list: nothing, messages, or an error. */
export type Probed = "empty" | "messages" | "broken";

export interface BrokenSearch {
  /** Requests the first message whose distance from the beginning of the list is within two bounds, both included. */
  readonly probe: (from: number, to: number) => Promise<Probed>;
  /** The distance of the end of the list, which fails as a whole; negative: it does not fail. */
  readonly length: number;
  /** Where broken messages were found before. */
  readonly known: readonly number[];
}

/** Steps of the search while it moves away from the beginning: messages are seconds to days apart. */
const firstStep = 1_000_000;
const stepGrowth = 16;

/**
 * The distance of the first message of a list, which cannot be requested: until there, nothing is listed. Undefined: the first message can
 * be requested after all. A search over days takes about 35 requests, and 3 when the message was known.
 */
export async function findBroken({ probe, length, known }: BrokenSearch): Promise<number | undefined> {
  const search = new Search(probe, length);
  if (length < 0) return undefined;
  for (const distance of known.flatMap((each) => [each - 1, each])) if (!(await search.narrow(distance))) return undefined;
  for (let step = firstStep; step < search.width; step *= stepGrowth)
    if (!(await search.narrow(search.empty + step))) return undefined;
  while (search.width > 1) if (!(await search.narrow(search.empty + Math.floor(search.width / 2)))) return undefined;
  return search.broken;
}

/** What is known of the list: nothing is listed up to one distance, and the first message lies at or before another one. */
class Search {
  readonly #probe: BrokenSearch["probe"];
  empty = -1;
  broken: number;

  constructor(probe: BrokenSearch["probe"], length: number) {
    this.#probe = probe;
    this.broken = length;
  }

  get width(): number {
    return this.broken - this.empty;
  }

  /** Requests the list up to a distance. False: its first message was returned. */
  async narrow(distance: number): Promise<boolean> {
    if (distance <= this.empty || distance >= this.broken) return true;
    const found = await this.#probe(0, distance);
    if (found === "empty") this.empty = distance;
    else if (found === "broken") this.broken = distance;
    return found !== "messages";
  }
}
