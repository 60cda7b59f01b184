import { hasRoomFor, type InboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import type { Figures } from "./pending-items.ts";

/** Lets an item in; called when its own count has come back, or it was not stored. */
type Leave = (figures?: Figures) => void;

/**
 * Keeps the inbox below its limits without asking Redis each time: the latest figures, which every accept and settlement brings along,
 * plus what is on its way in. Only where that would be too much, the figures are read again, when nothing is on its way.
 *
 * Processes do not wait for each other here: together they may go above a limit by what they store at the same moment.
 */
export class Admission {
  readonly #limits: InboxLimits;
  readonly #readFigures: () => Promise<Figures>;
  readonly #inside = new Set<Promise<void>>();
  #known: Figures = { depth: 0, bytes: 0 };
  #entering: Figures = { depth: 0, bytes: 0 };
  #line: Promise<unknown> = Promise.resolve();

  constructor(limits: InboxLimits, readFigures: () => Promise<Figures>) {
    this.#limits = limits;
    this.#readFigures = readFigures;
  }

  /** The latest figures. */
  get known(): Figures {
    return this.#known;
  }

  update(figures: Figures): void {
    this.#known = figures;
  }

  /** Undefined: there is no room. */
  async enter(bytes: number): Promise<Leave | undefined> {
    if (this.#fits(bytes)) return this.#admit(bytes);
    const decision = this.#line.then(async () => {
      if (this.#fits(bytes)) return this.#admit(bytes);
      await Promise.all(this.#inside);
      this.#known = await this.#readFigures();
      return this.#fits(bytes) ? this.#admit(bytes) : undefined;
    });
    this.#line = decision.catch(() => undefined);
    return decision;
  }

  #fits(bytes: number): boolean {
    const depth = this.#known.depth + this.#entering.depth;
    return hasRoomFor(bytes, { depth, bytes: this.#known.bytes + this.#entering.bytes }, this.#limits);
  }

  #admit(bytes: number): Leave {
    const left = Promise.withResolvers<void>();
    this.#inside.add(left.promise);
    this.#entering = { depth: this.#entering.depth + 1, bytes: this.#entering.bytes + bytes };
    return (figures) => {
      this.#entering = { depth: this.#entering.depth - 1, bytes: this.#entering.bytes - bytes };
      if (figures !== undefined) this.#known = figures;
      this.#inside.delete(left.promise);
      left.resolve();
    };
  }
}
