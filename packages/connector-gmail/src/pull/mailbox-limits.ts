import { type ConnectorsError, isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { partVerdict, type PartVerdict } from "@statewave-connectors/connector-sdk/paging";

/** When Gmail wants to be called again for some of several mailboxes: each has a limit of its own, which keeps no other one from being read. */
export class MailboxLimits {
  readonly #errors: ConnectorsError[] = [];

  /** Of what ends the reading of one mailbox. Refused credentials are those of one user, too. */
  verdictOf(error: unknown): PartVerdict {
    const verdict = partVerdict(error);
    if (verdict !== "source" || !isConnectorsError(error)) return verdict;
    if (error.retryAtMs === undefined) return "blocked";
    this.#errors.push(error);
    return "none";
  }

  /** The pages of a run, and behind them the limit that ends first: the run is resumed then. */
  async *endingWith(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, undefined> {
    this.#errors.length = 0;
    yield* pages;
    const [soonest] = this.#errors.toSorted((one, other) => (one.retryAtMs ?? 0) - (other.retryAtMs ?? 0));
    if (soonest !== undefined) throw soonest;
  }
}
