import * as v from "valibot";
import { codePrefixOf } from "../contract/code-prefix.ts";
import type { Page } from "../contract/page.ts";
import type { TimeClamp } from "./clamp-time.ts";
import { cursorCodec, type CursorCodec, type CursorCodecOptions } from "./cursor-codec.ts";
import type { Part } from "./part-failures.ts";
import { PartsInTurn, type PartsInTurnOptions, type PartsRun, type TurnPage } from "./parts-in-turn.ts";

/** Where a source that is read in parts stands. */
export interface PartsPosition<State, Beside = NoEntries> {
  /** The part that the next run begins with. */
  readonly turn?: string | undefined;
  /** Where each part stands, by its id. */
  readonly states: Readonly<Record<string, State>>;
  /** What is stored beside the states. */
  readonly beside: Beside;
}

/** What a `v.strictObject` of these entries reads. */
type Stored<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;

/** Nothing is stored beside the states. */
export type NoEntries = Readonly<Record<string, never>>;

export interface PartsCursorOptions<State, Entries extends v.ObjectEntries> extends Pick<
  CursorCodecOptions<never>,
  "kind" | "migrate" | "maxBytes"
> {
  /** The version that is written. `migrate` reads older ones; it takes and returns what is stored. */
  readonly version: number;
  /** Where one part stands, e.g. `keysetState(v.number())`. */
  readonly state: v.GenericSchema<unknown, State>;
  /** What is stored beside the states, e.g. `{ account: v.optional(v.string()) }`. */
  readonly beside?: Entries;
  /** The key that the states are stored under. Default `parts`. */
  readonly partsKey?: string;
  /**
   * Whether the states of parts are dropped that a run does not list. For parts that the provider lists. Default false: a stream that is
   * excluded for a while resumes where it stood.
   */
  readonly forgetsUnlisted?: boolean;
  /** Passes every time that this machine's clock made through the clamp; see `clampTimes` of `cursorCodec`. */
  readonly clampTimes?: (
    position: PartsPosition<State, Stored<Entries>>,
    clamp: TimeClamp,
  ) => PartsPosition<State, Stored<Entries>>;
}

/** One run over the parts of an entry. */
export interface PartsCursorRun<State, Beside, Item extends Part> extends Omit<PartsRun<State, Item>, "states" | "turn"> {
  /** The stored position; undefined: nothing was read yet. */
  readonly from: PartsPosition<State, Beside> | undefined;
  /** What is stored beside the states behind a page. Default: what was stored. */
  readonly beside?: (page: TurnPage<State>) => Beside;
}

/** Reads the parts of one entry in turns; made once for an entry, because it remembers which parts failed. */
export interface PartsReader<State, Beside> {
  /** `PartsInTurn.read` with each page's cursor as text. A page that has nothing and whose cursor is the stored one is left out. */
  pages<Item extends Part>(run: PartsCursorRun<State, Beside, Item>): AsyncGenerator<Page, void, undefined>;
}

/** The cursor of a source that is read in parts. */
export interface PartsCursor<State, Beside> extends CursorCodec<PartsPosition<State, Beside>> {
  /** `parts`: what they are called, e.g. `streams`. */
  reader(options: Omit<PartsInTurnOptions, "codePrefix">): PartsReader<State, Beside>;
  /** A stored cursor with one part set back to its beginning. */
  readonly resetPart: (stored: string, id: string) => string;
}

/**
 * The cursor of a source that is read in parts, each with a state of its own: what `cursorCodec` and `PartsInTurn` make together. A stream is
 * a part whose name is known; see `entryStreams` of `./options`.
 *
 * @example const cursors = partsCursor({ kind: "desk", version: 1, state: keysetState(v.number()) });
 */
export function partsCursor<State, const Entries extends v.ObjectEntries = NoEntries>(
  options: PartsCursorOptions<State, Entries>,
): PartsCursor<State, Stored<Entries>> {
  type Position = PartsPosition<State, Stored<Entries>>;
  const { kind, version, migrate, maxBytes, clampTimes, forgetsUnlisted = false } = options;
  const codec = cursorCodec<Position>({
    kind,
    version,
    schema: storedSchema(options),
    toStored: ({ turn, states, beside }) => ({ v: version, turn, ...beside, [options.partsKey ?? "parts"]: states }),
    ...(migrate !== undefined && { migrate }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(clampTimes !== undefined && { clampTimes }),
  });
  return {
    ...codec,
    reader: (turnOptions) => {
      const turns = new PartsInTurn({ ...turnOptions, codePrefix: codePrefixOf(kind) });
      return { pages: (run) => pagesOf(turns, codec, run, forgetsUnlisted) };
    },
    resetPart(stored, id) {
      const position = codec.parse(stored);
      return codec.format({ ...position, states: withoutStates(position.states, (each) => each !== id) });
    },
  };
}

function storedSchema<State, Entries extends v.ObjectEntries>(options: PartsCursorOptions<State, Entries>) {
  const { version, state, beside, partsKey = "parts" } = options;
  const stored: v.GenericSchema<unknown, Readonly<Record<string, unknown>>> = v.strictObject({
    v: v.literal(version),
    turn: v.optional(v.string()),
    ...beside,
    [partsKey]: statesSchema(state),
  });
  return v.pipe(
    stored,
    v.transform((object) => {
      const { v: _, turn, [partsKey]: states, ...rest } = object;
      // The schema above has checked it; under a key that is not known here its type is lost.
      return { turn, states, beside: rest } as PartsPosition<State, Stored<Entries>>;
    }),
  );
}

/** Valibot's `record` drops `constructor` and `prototype`, and a folder of a mailbox may be called so. */
function statesSchema<State>(state: v.GenericSchema<unknown, State>): v.GenericSchema<unknown, Readonly<Record<string, State>>> {
  return v.pipe(
    v.custom<object>((input) => isObject(input)),
    v.rawTransform(({ dataset: { value: stored }, addIssue, NEVER }) => {
      const states: [string, State][] = [];
      for (const [key, value] of Object.entries(stored)) {
        const result = v.safeParse(state, value);
        if (result.success) {
          states.push([key, result.output]);
          continue;
        }
        const [{ message, path = [] }] = result.issues;
        addIssue({ message, path: [{ type: "object", origin: "value", input: { [key]: value }, key, value }, ...path] });
        return NEVER;
      }
      return Object.fromEntries(states);
    }),
  );
}

function isObject(input: unknown): boolean {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

async function* pagesOf<State, Beside, Item extends Part>(
  turns: PartsInTurn,
  codec: CursorCodec<PartsPosition<State, Beside>>,
  run: PartsCursorRun<State, Beside, Item>,
  forgetsUnlisted: boolean,
): AsyncGenerator<Page, void, undefined> {
  const { from, beside: besideOf } = run;
  const listed = new Set(run.parts.map(({ id }) => id));
  const stored = from?.states ?? {};
  const states = forgetsUnlisted ? withoutStates(stored, (id) => listed.has(id)) : stored;
  let yielded = from === undefined ? undefined : codec.format(from);
  for await (const turnPage of turns.read<State, Item>({ ...run, states, turn: from?.turn })) {
    const { states: reached, turn, isLast: _, ...page } = turnPage;
    const beside = besideOf?.(turnPage) ?? from?.beside ?? ({} as Beside);
    const cursor = codec.format({ turn, states: reached, beside });
    const isEmpty = page.episodes.length === 0 && page.failures === undefined && page.skipped === undefined;
    if (isEmpty && cursor === (yielded ?? codec.format({ turn: undefined, states: {}, beside }))) continue;
    yielded = cursor;
    yield { ...page, cursor };
  }
}

function withoutStates<State>(states: Readonly<Record<string, State>>, keeps: (id: string) => boolean) {
  return Object.fromEntries(Object.entries(states).filter(([id]) => keeps(id)));
}
