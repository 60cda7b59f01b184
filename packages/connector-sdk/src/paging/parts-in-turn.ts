import { isConnectorsError } from "../contract/errors.ts";
import type { Page } from "../contract/page.ts";
import {
  type Part,
  PartFailures,
  type PartFailuresOptions,
  type PartVerdict,
  partVerdict,
  shortestRetryMs,
} from "./part-failures.ts";
import { PartOrder } from "./part-order.ts";
import { type FailedPart, partsFailed } from "./parts-failed.ts";

/** A page of one part. */
export interface PartPage<State> extends Omit<Page, "cursor"> {
  /** Where the reading of this part stands behind it. */
  readonly state: State;
  /** The page has only a state, which may be stored with a later page: for parts in which nothing happened. */
  readonly isQuiet?: boolean;
  /** The part's turn ends here while other parts wait for theirs: for parts that need what another part brings. Default: after `pagesPerTurn`. */
  readonly endsTurn?: boolean;
}

/** A page of one part, with the states of all parts behind it. */
export interface TurnPage<State> extends Omit<Page, "cursor"> {
  readonly states: Readonly<Record<string, State>>;
  /** The part that the next run begins with. */
  readonly turn: string | undefined;
  /** The end of the run: the page has no episodes, but may have `skipped` and states that were not yielded before. */
  readonly isLast: boolean;
}

export interface PartsInTurnOptions extends PartFailuresOptions {
  /** The connector's prefix of error codes. */
  readonly codePrefix: string;
  /** What the parts are called, lower snake, in the plural: `repositories`. */
  readonly parts: string;
  /** What an error of a part means. Default: `partVerdict`. */
  readonly verdictOf?: (error: unknown, part: Part) => PartVerdict;
  /** How many pages of one part are read before the next part's turn. Default 30. */
  readonly pagesPerTurn?: number;
}

/** One run over the parts. */
export interface PartsRun<State, Item extends Part = Part> {
  /** All parts of the source. The failures of parts that are not listed are forgotten. */
  readonly parts: readonly Item[];
  /** Reads one part from its state to its end. */
  readonly readPart: (part: Item, state: State | undefined, signal: AbortSignal) => AsyncIterable<PartPage<State>>;
  /** Whether the part is read in this run: a run that resumes another may leave out parts that are done. Default: every part is read. */
  readonly isDue?: (part: Item) => boolean;
  /** The stored states, by the id of the part. They are yielded again as they are, also those of parts that are not listed. */
  readonly states: Readonly<Record<string, State>>;
  /** The stored turn. Default: the first part. */
  readonly turn?: string | undefined;
  /** Ids of parts to read before the others, see `RunCause.parts`; others are ignored. It moves no turn. */
  readonly first?: readonly string[] | undefined;
  /** Parts that were not found, to be named in the error at the end. */
  readonly missing?: readonly FailedPart[];
  readonly signal: AbortSignal;
}

const defaultPagesPerTurn = 30;
/** After this many failures in a row with the same code, the source may be at fault. */
const partsUntilDoubt = 3;
/** Up to this many parts, every part is requested before the source counts as unavailable. */
const fewParts = 12;

/**
 * Reads a source that consists of parts, such as repositories or channels, in turns. Each part has its own state. A part that fails does
 * not keep other parts from being read in any run; one that ends a run comes last in the next, unless its turn is next. Keep one instance for
 * each entry: it remembers which parts failed.
 */
export class PartsInTurn {
  readonly #options: PartsInTurnOptions;
  readonly #failures: PartFailures;
  readonly #lastTurn: LastTurn = { id: undefined, pages: 0, isPreferred: false };

  constructor(options: PartsInTurnOptions) {
    this.#options = options;
    this.#failures = new PartFailures(options);
  }

  /**
   * Yields pages until every part is read to its end or has failed. Then throws an error that names the parts with a passing failure.
   * Errors of the whole source are thrown at once.
   */
  async *read<State, Item extends Part>(run: PartsRun<State, Item>): AsyncGenerator<TurnPage<State>, void, undefined> {
    this.#failures.startRun(run.parts);
    const reading = new PartsReading(this.#options, this.#failures, this.#lastTurn, run);
    try {
      yield* reading.pages();
    } catch (error) {
      const { isUnsaved, isAtEnd: isLast, place } = reading;
      if (!run.signal.aborted && (isUnsaved || isLast)) yield { episodes: [], ...place, isLast };
      throw error;
    }
    this.#lastTurn.isPreferred = false;
    const { blocked, error } = reading.conclusion();
    const skipped = blocked === 0 ? {} : { skipped: { [`${this.#options.parts}_blocked`]: blocked } };
    yield { episodes: [], ...skipped, ...reading.place, isLast: true };
    if (error !== undefined) throw error;
  }
}

/** The pages of a turn. */
interface Turn {
  id: string | undefined;
  pages: number;
}

/** The current turn, so that a run that resumes another does not begin it again. */
interface LastTurn extends Turn {
  /** Whether the last run ended while it read preferred parts: the next one prefers none, so that the others have their turn. */
  isPreferred: boolean;
}

type TurnOutcome = "read" | "unfinished" | "blocked" | "passing";

/** One run, while it lasts. */
class PartsReading<State, Item extends Part> {
  readonly #options: PartsInTurnOptions;
  readonly #failures: PartFailures;
  readonly #lastTurn: LastTurn;
  readonly #run: PartsRun<State, Item>;
  readonly #order: PartOrder<Item>;
  /** Preferred parts that were not read yet. */
  readonly #first: Set<string>;
  /** Copied for a page that is yielded only: of ten thousand parts nearly all may have nothing new. */
  readonly #states: Map<string, State>;
  #turn: string | undefined;
  /** There is a state that was not yielded yet. */
  isUnsaved = false;
  /** The run was ended by a part that came last. */
  isAtEnd = false;
  readonly #isResumed: boolean;
  /** A part was requested in this run. */
  #hasBegun = false;
  /** The last part that was read without a failure: if it fails later, the source is unavailable. */
  #witness: Item | undefined;
  readonly #failed: { readonly part: Item; readonly error: unknown }[] = [];
  #untilDoubt = partsUntilDoubt;

  constructor(options: PartsInTurnOptions, failures: PartFailures, lastTurn: LastTurn, run: PartsRun<State, Item>) {
    this.#options = options;
    this.#failures = failures;
    this.#lastTurn = lastTurn;
    this.#run = run;
    this.#states = new Map(Object.entries(run.states));
    this.#turn = run.turn;
    const { parts, isDue = () => true } = run;
    const due = new Map(parts.filter((part) => isDue(part)).map((part) => [part.id, part]));
    this.#isResumed = due.size < new Set(parts.map(({ id }) => id)).size;
    this.#first = new Set(lastTurn.isPreferred ? [] : run.first);
    this.#order = new PartOrder([...due.values()], { turn: run.turn, first: this.#first }, failures);
  }

  get place(): Pick<TurnPage<State>, "states" | "turn"> {
    return { states: Object.fromEntries(this.#states), turn: this.#turn };
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
  async *#turnOf(part: Item, limit: number): AsyncGenerator<TurnPage<State>, TurnOutcome, undefined> {
    const { verdictOf = partVerdict } = this.#options;
    const { readPart, signal } = this.#run;
    const isPreferred = this.#first.delete(part.id);
    this.#lastTurn.isPreferred = isPreferred;
    const turn: Turn = isPreferred ? { id: part.id, pages: 0 } : this.#lastTurn;
    if (turn.id !== part.id) turn.pages = 0;
    turn.id = part.id;
    let hasProgress = false;
    let hasEnded = false;
    const cameFirst = !this.#hasBegun;
    this.#hasBegun = true;
    try {
      for await (const { state, isQuiet, endsTurn, ...page } of readPart(part, this.#states.get(part.id), signal)) {
        this.#states.set(part.id, state);
        this.isUnsaved = isQuiet === true;
        turn.pages += 1;
        hasProgress ||= isQuiet !== true;
        hasEnded = turn.pages >= limit || (endsTurn === true && limit < Infinity);
        // A run that is cut off here is resumed by the part whose turn is next.
        if (!isPreferred) this.#turn = ((hasEnded ? this.#order.first : undefined) ?? part).id;
        if (!this.isUnsaved) yield { ...page, ...this.place, isLast: false };
        if (hasEnded) break;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const verdict = verdictOf(error, part);
      if (verdict === "source") {
        this.isAtEnd = !hasProgress && this.#isAtEnd(part);
        this.#failures.endedRun(part, { hasProgress, cameFirst });
        throw error;
      }
      if (verdict !== "none") {
        this.#failures.failed(part, verdict, error, hasProgress);
        if (verdict === "passing") this.#failed.push({ part, error });
        return verdict;
      }
    }
    turn.id = undefined;
    this.#failures.succeeded(part);
    this.#witness = part;
    return hasEnded ? "unfinished" : "read";
  }

  /** Whether the part came last, and all others were read in this run or in the one that it resumes. */
  #isAtEnd(part: Item): boolean {
    const othersRead = this.#witness !== undefined || this.#isResumed;
    return othersRead && !this.#order.hasUndeferred && this.#failures.deferralOf(part) !== undefined;
  }

  /** Several parts failed in a row: reads a part again that was read before, and throws if it fails as well. */
  async *#doubt(): AsyncGenerator<TurnPage<State>, void, undefined> {
    const recent = this.#failed.slice(-this.#untilDoubt);
    this.#untilDoubt *= 2;
    if (!areAlike(recent)) return;
    const witness = this.#witness;
    if (witness !== undefined && (yield* this.#turnOf(witness, 1)) !== "passing") return;
    this.#failures.excuse([...recent.map(({ part }) => part), ...(witness === undefined ? [] : [witness])]);
    throw this.#failed.at(-1)?.error;
  }

  /** How many parts are blocked, and the error that ends the run. */
  conclusion(): { readonly blocked: number; readonly error: unknown } {
    const { parts, missing = [] } = this.#run;
    // If nothing was read, the source may be at fault.
    if (this.#witness === undefined) this.#failures.excuse(this.#failed.map(({ part }) => part));
    const known = parts.flatMap((part) => {
      const failure = this.#failures.of(part);
      return failure === undefined ? [] : [{ ...failure, name: part.name }];
    });
    const blocked = known.filter(({ verdict }) => verdict === "blocked").map(({ name, error }): FailedPart => ({ name, error }));
    const failed: readonly FailedPart[] = [
      ...missing.map((part) => withRetry(part, this.#options.clock.now())),
      ...known.filter(({ verdict }) => verdict === "passing"),
    ];
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

/** A part that was not found for a reason that may pass is worth another run. */
function withRetry(part: FailedPart, nowMs: number): FailedPart {
  const { error, retryAtMs } = part;
  if (retryAtMs !== undefined || !isConnectorsError(error) || !error.retryable) return part;
  return { ...part, retryAtMs: Math.max(error.retryAtMs ?? 0, nowMs + shortestRetryMs) };
}
