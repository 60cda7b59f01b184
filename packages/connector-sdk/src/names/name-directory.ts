import { sleep } from "../contract/clock.ts";
import type { ConnectorsError } from "../contract/errors.ts";
import { type LookUpOptions, LookUps, type NameKind } from "./look-ups.ts";
import { NameRequests, type Names } from "./names.ts";

export interface NameDirectoryOptions<Values> extends LookUpOptions {
  /** How each kind of name is looked up. Names of the first kind come first. */
  readonly kinds: { readonly [Kind in keyof Values]: NameKind<Values[Kind]> };
}

/** What names are looked up for. */
export interface NamesFor<Values> {
  /** Maps with the names that are known, to learn which ones it shows. False: it needs none of them. */
  readonly uses: (names: Names<Values>) => boolean;
  /** The most names of each kind that are looked up. */
  readonly most: number;
  /** How often it is mapped: names may lead to other names. Default 1. */
  readonly rounds?: number;
  /** How long it may take; what is unknown then stays open. Default: as long as it takes. */
  readonly patienceMs?: number;
  readonly signal: AbortSignal;
}

export interface ResolvedNames<Values> {
  readonly names: Names<Values>;
  /** Why something is still unknown. Undefined: the provider has answered for everything. */
  readonly error: ConnectorsError | undefined;
}

/**
 * Who and what an id stands for, requested from the provider and remembered in bounded memory for an hour. A look-up that fails is an absent
 * name. Keep one instance for each entry.
 *
 * @example const { names, error } = await directory.namesFor({ uses: (known) => (toEpisode(item, known), true), most: 50, signal });
 */
export class NameDirectory<Values extends object> {
  readonly #options: LookUpOptions;
  readonly #kinds: ReadonlyMap<keyof Values, LookUps<unknown>>;
  readonly #running = new Map<string, Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();
  /** The names that are known now. */
  readonly names: Names<Values>;

  constructor({ kinds, ...options }: NameDirectoryOptions<Values>) {
    this.#options = options;
    const lookUps = Object.entries<NameKind<unknown>>(kinds).map(([kind, one]) => [kind, new LookUps(one, options)] as const);
    this.#kinds = new Map(lookUps as [keyof Values, LookUps<unknown>][]);
    this.names = Object.fromEntries(lookUps.map(([kind, names]) => [kind, (id: string) => names.get(id)])) as Names<Values>;
  }

  /** Remembers a name that came in another way, such as in a list, so that it is not requested one by one. */
  learn<Kind extends keyof Values>(kind: Kind, id: string, value: Values[Kind] | undefined): void {
    this.#kinds.get(kind)?.learn(id, value);
  }

  /** A new run: what failed in passing before may be over. */
  tryAgain(): void {
    for (const lookUps of this.#kinds.values()) lookUps.tryAgain();
  }

  /** Looks up the names that are shown and not known yet. Rejects only with the reason of `signal`. */
  async namesFor({ uses, most, rounds = 1, patienceMs = Infinity, signal }: NamesFor<Values>): Promise<ResolvedNames<Values>> {
    const { clock } = this.#options;
    const untilMs = clock.now() + patienceMs;
    let error: ConnectorsError | undefined;
    for (let round = 0; round < rounds && error === undefined && clock.now() < untilMs; round += 1) {
      const requests = new NameRequests(this.names, most);
      if (!uses(requests.names)) break;
      await this.#resolve(requests, signal, untilMs - clock.now());
      error = this.#errorOf(requests);
    }
    return { names: this.names, error };
  }

  async #resolve(requests: NameRequests<Values>, signal: AbortSignal, patienceMs: number): Promise<void> {
    const missing = this.#open(requests);
    if (missing.length === 0) return;
    const done = new AbortController();
    const lookUpAll = async () => {
      // One look-up may bring the names of others along.
      for (const { kind, lookUps, id } of missing) {
        if (!done.signal.aborted && lookUps.isOpen(id))
          await this.#lookUp(kind, lookUps, { id, others: [...requests.ids[kind]] });
      }
    };
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const onAbort = () => end();
    signal.addEventListener("abort", onAbort, { once: true });
    if (patienceMs < Infinity) void sleep(this.#options.clock, patienceMs, done.signal).then(end, end);
    await Promise.race([lookUpAll(), ended]);
    signal.removeEventListener("abort", onAbort);
    done.abort();
    signal.throwIfAborted();
  }

  #open({ ids }: NameRequests<Values>) {
    return [...this.#kinds].flatMap(([kind, lookUps]) =>
      [...ids[kind]].filter((id) => lookUps.isOpen(id)).map((id) => ({ kind, lookUps, id })),
    );
  }

  /** Of several kinds an error that may pass, for which the caller can wait; of these the one that lasts longest. */
  #errorOf(requests: NameRequests<Values>): ConnectorsError | undefined {
    const errors = new Set(this.#open(requests).map(({ lookUps }) => lookUps.error));
    return [...errors]
      .filter((error) => error !== undefined)
      .toSorted(
        (left, right) => Number(right.retryable) - Number(left.retryable) || (right.retryAtMs ?? 0) - (left.retryAtMs ?? 0),
      )[0];
  }

  /** One look-up of an id at a time, and one request at a time. */
  #lookUp(
    kind: keyof Values,
    lookUps: LookUps<unknown>,
    { id, others }: { readonly id: string; readonly others: readonly string[] },
  ): Promise<void> {
    const key = `${String(kind)} ${id}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = this.#last.then(() => lookUps.lookUp(id, others));
    const end = () => void this.#running.delete(key);
    this.#last = started.then(end, end);
    this.#running.set(key, started);
    return started;
  }
}
