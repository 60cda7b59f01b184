import { isConnectorsError } from "../contract/errors.ts";
import type { Page } from "../contract/page.ts";
import { type Part, PartFailures, type PartFailuresOptions, type PartVerdict, partVerdict } from "./part-failures.ts";
import { PartOrder } from "./part-order.ts";
import { type FailedPart, partsFailed } from "./parts-failed.ts";

/** A page of one part. */
export interface PartPage<State> extends Omit<Page, "cursor"> {
  /** Where the reading of this part stands behind it. */
  readonly state: State;
  /** The page has nothing but a state, which may be stored with a later page: for parts in which nothing happened. */
  readonly isQuiet?: boolean;
}

/** A page of one part, with where all parts stand behind it. */
export interface TurnPage<State> extends Omit<Page, "cursor"> {
  readonly states: Readonly<Record<string, State>>;
  /** Whose turn it is: the next run begins with that part. */
  readonly turn: string | undefined;
  /** Nothing is left to read in this run. This page has no episodes; it is the last one, unless the run fails before. */
  readonly isLast: boolean;
}

export interface PartsInTurnOptions extends PartFailuresOptions {
  /** The connector's prefix of error codes. */
  readonly codePrefix: string;
  /** What the parts are called, lower snake, in the plural: `repositories`. */
  readonly parts: string;
  /** Whom an error of a part concerns. Default: `partVerdict`. */
  readonly verdictOf?: (error: unknown, part: Part) => PartVerdict;
  /** After so many pages of one part it is the next one's turn. Default 30. */
  readonly pagesPerTurn?: number;
}

/** One run over the parts. */
export interface PartsRun<State, Item extends Part = Part> {
  /** What is to be read. Parts are forgotten that are no longer among them. */
  readonly parts: readonly Item[];
  /** Reads one part from where it stands to its end. What it throws concerns this part, unless `verdictOf` says otherwise. */
  readonly readPart: (part: Item, state: State | undefined, signal: AbortSignal) => AsyncIterable<PartPage<State>>;
  /** Whether a part is to be read in this run, where a run resumes one that was cut off. Default: each is. */
  readonly isDue?: (part: Item) => boolean;
  /** Where each stood when the last page was stored, by its id. */
  readonly states: Readonly<Record<string, State>>;
  /** Whose turn it was. Default: the first one's. */
  readonly turn?: string | undefined;
  /** Parts that could not even be found: reported at the end together with those that cannot be read. */
  readonly missing?: readonly FailedPart[];
  readonly signal: AbortSignal;
}

/** A large part that is read for the first time keeps the others waiting for this long only. */
const defaultPagesPerTurn = 30;
/** When so many parts fail in the same way one after the other, the source may be at fault. */
const partsUntilDoubt = 3;
/** So few parts are all requested before the source is held to be at fault. */
const fewParts = 12;

/**
 * Reads a source that consists of parts, such as repositories or channels: in turns, each with a state of its own. A part that fails does
 * not keep the others from being read, in any run. Keep one instance for an entry: it remembers which parts failed.
 */
export class PartsInTurn {
  readonly #options: PartsInTurnOptions;
  readonly #failures: PartFailures;
  readonly #lastTurn: LastTurn = { id: undefined, pages: 0 };

  constructor(options: PartsInTurnOptions) {
    this.#options = options;
    this.#failures = new PartFailures(options);
  }

  /**
   * Yields pages until every part is read to its end or has failed. Throws at the end when parts failed: the error names them, and
   * says when a run for their sake is of use. Throws at once what concerns the whole source.
   */
  async *read<State, Item extends Part>(run: PartsRun<State, Item>): AsyncGenerator<TurnPage<State>, void, undefined> {
    this.#failures.keepOnly(run.parts);
    const reading = new PartsReading(this.#options, this.#failures, this.#lastTurn, run);
    try {
      yield* reading.pages();
    } catch (error) {
      if (!run.signal.aborted && reading.isUnsaved) yield { episodes: [], ...reading.place, isLast: false };
      throw error;
    }
    const { blocked, error } = reading.conclusion();
    const skipped = blocked === 0 ? {} : { skipped: { [`${this.#options.parts}_blocked`]: blocked } };
    yield { episodes: [], ...skipped, ...reading.place, isLast: true };
    if (error !== undefined) throw error;
  }
}

/** How much of a turn is used up: a run that is cut off goes on with the turn, and does not begin it anew. */
interface LastTurn {
  id: string | undefined;
  pages: number;
}

type Outcome = "read" | "unfinished" | "blocked" | "passing";

/** One run, while it lasts. */
class PartsReading<State, Item extends Part> {
  readonly #options: PartsInTurnOptions;
  readonly #failures: PartFailures;
  readonly #lastTurn: LastTurn;
  readonly #run: PartsRun<State, Item>;
  readonly #order: PartOrder<Item>;
  #states: Readonly<Record<string, State>>;
  #turn: string | undefined;
  /** States that no page was yielded with. */
  isUnsaved = false;
  /** The last part that was read without a failure: a witness of whether the source can be read. */
  #witness: Item | undefined;
  #failed: readonly { readonly part: Item; readonly error: unknown }[] = [];
  #untilDoubt = partsUntilDoubt;

  constructor(options: PartsInTurnOptions, failures: PartFailures, lastTurn: LastTurn, run: PartsRun<State, Item>) {
    this.#options = options;
    this.#failures = failures;
    this.#lastTurn = lastTurn;
    this.#run = run;
    this.#states = run.states;
    this.#turn = run.turn;
    const { parts, isDue = () => true } = run;
    const due = new Map(parts.filter((part) => isDue(part)).map((part) => [part.id, part]));
    this.#order = new PartOrder([...due.values()], run.turn, failures);
  }

  get place(): Pick<TurnPage<State>, "states" | "turn"> {
    return { states: this.#states, turn: this.#turn };
  }

  async *pages(): AsyncGenerator<TurnPage<State>, void, undefined> {
    let failuresInARow = 0;
    for (;;) {
      const hasDoubt = this.#witness === undefined && failuresInARow > 0;
      const part = this.#order.next(hasDoubt ? failuresInARow : 0);
      if (part === undefined) return;
      const outcome = yield* this.#turnOf(part, this.#order.isEmpty ? Infinity : this.#pagesPerTurn);
      if (outcome === "unfinished") this.#order.again(part);
      if (outcome === "read" || outcome === "unfinished") failuresInARow = 0;
      if (outcome !== "passing") continue;
      failuresInARow += 1;
      const isEarly = this.#witness === undefined && this.#run.parts.length <= fewParts;
      if (isEarly || failuresInARow < this.#untilDoubt) continue;
      yield* this.#doubt();
      failuresInARow = 0;
    }
  }

  get #pagesPerTurn(): number {
    return this.#options.pagesPerTurn ?? defaultPagesPerTurn;
  }

  /** Some pages of one part. Throws what concerns the source. */
  async *#turnOf(part: Item, limit: number): AsyncGenerator<TurnPage<State>, Outcome, undefined> {
    const { verdictOf = partVerdict } = this.#options;
    const { readPart, signal } = this.#run;
    const turn = this.#lastTurn;
    if (turn.id !== part.id) turn.pages = 0;
    turn.id = part.id;
    try {
      for await (const { state, isQuiet, ...page } of readPart(part, this.#states[part.id], signal)) {
        this.#states = { ...this.#states, [part.id]: state };
        this.#turn = part.id;
        this.isUnsaved = isQuiet === true;
        turn.pages += 1;
        if (!this.isUnsaved) yield { ...page, ...this.place, isLast: false };
        if (turn.pages >= limit) break;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const verdict = verdictOf(error, part);
      if (verdict === "source") throw error;
      if (verdict !== "none") {
        this.#failures.failed(part, verdict, error);
        if (verdict === "passing") this.#failed = [...this.#failed, { part, error }];
        return verdict;
      }
    }
    const isUnfinished = turn.pages >= limit;
    turn.id = undefined;
    this.#failures.succeeded(part);
    this.#witness = part;
    return isUnfinished ? "unfinished" : "read";
  }

  /** Many parts failed one after the other: finds out whether the source is at fault. Throws then. */
  async *#doubt(): AsyncGenerator<TurnPage<State>, void, undefined> {
    const recent = this.#failed.slice(-this.#untilDoubt);
    this.#untilDoubt *= 2;
    if (!areAlike(recent)) return;
    const witness = this.#witness;
    if (witness !== undefined && (yield* this.#turnOf(witness, 1)) !== "passing") return;
    this.#failures.excuse([...recent.map(({ part }) => part), ...(witness === undefined ? [] : [witness])]);
    throw this.#failed.at(-1)?.error;
  }

  /** How the run ended: how many parts are blocked, and the error that names those which could not be read. */
  conclusion(): { readonly blocked: number; readonly error: unknown } {
    const { parts, missing = [] } = this.#run;
    // Where nothing was read, it is unknown whose fault that is.
    if (this.#witness === undefined) this.#failures.excuse(this.#failed.map(({ part }) => part));
    const known = parts.flatMap((part) => {
      const failure = this.#failures.of(part);
      return failure === undefined ? [] : [{ ...failure, name: part.name }];
    });
    const blocked = known.filter(({ verdict }) => verdict === "blocked").map(({ name, error }): FailedPart => ({ name, error }));
    const failed: readonly FailedPart[] = [...missing, ...known.filter(({ verdict }) => verdict === "passing")];
    const canRead = this.#witness !== undefined || known.length < parts.length;
    const [first, ...others] = canRead ? failed : [...failed, ...blocked];
    const of = parts.length + missing.length;
    if (first === undefined) return { blocked: blocked.length, error: undefined };
    const isOfSource = of === 1 || (!canRead && failed.length === of && areAlike(failed));
    return {
      blocked: blocked.length,
      error: isOfSource ? first.error : partsFailed([first, ...others], { ...this.#options, of }),
    };
  }
}

function areAlike(failed: readonly { readonly error: unknown }[]): boolean {
  const codes = failed.map(({ error }) => (isConnectorsError(error) ? error.code : undefined));
  return new Set(codes).size === 1;
}
