/**
 * How many tickets were read that their events have not reached yet. Tickets are remembered until their events come, and no more of them than
 * there is room for: else the events of each page would cost requests for its tickets and people.
 */
export class Lead {
  readonly #most: number;
  readonly #pages: { readonly untilMs: number; readonly count: number }[] = [];
  #tickets = 0;
  #areEventsDue = false;

  /** @param most So many tickets are remembered. */
  constructor(most: number) {
    this.#most = most;
  }

  /** A page of tickets was read, the last of which changed at `untilMs`. */
  ticketsRead(untilMs: number, count: number, hasMore: boolean): void {
    this.#pages.push({ untilMs, count });
    this.#tickets += count;
    this.#areEventsDue = !hasMore || this.isLong;
  }

  /** All events until `untilMs` were read. */
  eventsRead(untilMs: number): void {
    this.#areEventsDue = false;
    for (let [first] = this.#pages; first !== undefined && first.untilMs <= untilMs; [first] = this.#pages) {
      this.#pages.shift();
      this.#tickets -= first.count;
    }
  }

  /** A limit ended the run between tickets and their events: where it leaves one request, tickets would take it every time. */
  get areEventsDue(): boolean {
    return this.#areEventsDue;
  }

  /** Events should be read before more tickets. */
  get isLong(): boolean {
    return this.#tickets >= this.#most * 0.8;
  }

  /** Tickets should be read before more events. */
  get isShort(): boolean {
    return this.#tickets <= this.#most * 0.7;
  }
}
