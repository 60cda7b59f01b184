import { ConnectorsError } from "../../src/index.ts";
import { silentLogger } from "../../src/contract/logger.ts";
import { type Part, PartsInTurn, type PartPage, type PartsInTurnOptions, type TurnPage } from "../../src/paging/index.ts";
import { HandClock } from "../hand-clock.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export const failure = (code: string, retryable: boolean, rest: { retryAtMs?: number; hint?: string } = {}) =>
  new ConnectorsError({ code: `ACME_${code}`, message: `Acme answered ${code.toLowerCase()}`, retryable, ...rest });
export const unavailable = () => failure("UNAVAILABLE", true);
export const forbidden = () => failure("FORBIDDEN", false, { hint: "grant the right" });

/** A source of parts: each is a list of items, and its state is how many of them were read. */
export class Source {
  readonly clock = new HandClock();
  readonly parts: Part[];
  readonly items = new Map<string, number>();
  readonly errors = new Map<string, () => unknown>();
  readonly asked: string[] = [];
  readonly warnings: string[] = [];
  readonly reader: PartsInTurn;
  readonly #options: PartsInTurnOptions;
  /** Reads a part; default: its items. */
  readPart = (part: Part, state: number | undefined): AsyncIterable<PartPage<number>> => this.#read(part, state ?? 0);
  pageSize = 10;

  constructor(count: number, options: Partial<PartsInTurnOptions> = {}) {
    this.parts = Array.from({ length: count }, (_, index) => ({ id: `${index}`, name: `acme/r${index}` }));
    for (const { id } of this.parts) this.items.set(id, 5);
    this.#options = {
      codePrefix: "ACME",
      parts: "repositories",
      clock: this.clock,
      random: () => 0.5,
      logger: { ...silentLogger, warn: (_message, fields) => this.warnings.push(String(fields?.["part"])) },
      ...options,
    };
    this.reader = this.newReader();
  }

  /** One that remembers nothing, as in a new process. */
  newReader(): PartsInTurn {
    return new PartsInTurn(this.#options);
  }

  add(count = 1): void {
    for (const [id, items] of this.items) this.items.set(id, items + count);
  }

  async *#read({ id }: Part, from: number) {
    this.asked.push(id);
    let state = from;
    for (;;) {
      const error = this.errors.get(id)?.();
      if (error !== undefined) throw error;
      const count = Math.min(this.pageSize, (this.items.get(id) ?? 0) - state);
      if (count <= 0) return;
      const episodes = Array.from({ length: count }, (_, at) => toEpisode(id, state + at));
      state += count;
      yield { episodes, state };
    }
  }
}

function toEpisode(part: string, item: number) {
  const key = `${part}:${item}`;
  return {
    subject: part,
    kind: "acme.item",
    text: key,
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "item", id: key },
    idempotency_key: key,
  };
}

export interface Stored {
  readonly states: Readonly<Record<string, number>>;
  readonly turn?: string | undefined;
}

export const nothing: Stored = { states: {} };

export async function read(
  source: Source,
  stored: Stored = nothing,
  options: { maxPages?: number; reader?: PartsInTurn; isDue?: (part: Part) => boolean; first?: readonly string[] } = {},
) {
  const { maxPages = Infinity, reader = source.reader, isDue = () => true, first } = options;
  source.asked.length = 0;
  const pages: TurnPage<number>[] = [];
  const cut = async function* () {
    for await (const page of reader.read({
      ...stored,
      parts: source.parts,
      readPart: source.readPart,
      isDue,
      first,
      signal: new AbortController().signal,
    })) {
      yield page;
      if (page.episodes.length > 0 && pages.length >= maxPages) return;
    }
  };
  const walk = (async () => {
    for await (const page of cut()) pages.push(page);
  })();
  const error: unknown = await walk.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const last = pages.at(-1);
  return {
    pages,
    error,
    keys: pages.flatMap(({ episodes }) => episodes.map(({ idempotency_key: key }) => key)),
    subjects: [...new Set(pages.flatMap(({ episodes }) => episodes.map(({ subject }) => subject)))],
    stored: last === undefined ? stored : { states: last.states, turn: last.turn },
    skipped: Object.assign({}, ...pages.map(({ skipped }) => skipped)) as Record<string, number>,
  };
}
