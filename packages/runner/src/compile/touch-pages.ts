import { type Clock, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { type CompileRecords, pageKey } from "./compile-records.ts";
import { formatPage, type Touch, touchesPerPage } from "./touch.ts";

export interface TouchPagesOptions {
  readonly records: CompileRecords;
  /** This process, unique. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A page that has room. Any other process may take subjects out of it: then a new one begins. */
interface OpenPage {
  readonly key: string;
  readonly version: number;
  readonly touches: ReadonlyMap<string, Touch>;
}

/** The pages of touched subjects that one process writes. */
export class TouchPages {
  readonly #options: TouchPagesOptions;
  #open: OpenPage | undefined;
  #sequence = 0;
  #reportedFull = false;

  constructor(options: TouchPagesOptions) {
    this.#options = options;
  }

  /**
   * Adds all to the page that has room for them, or begins new ones, which are written at the same time: a store that gathers its writes makes
   * them durable at once. Answers what was recorded, which is not everything in a store without room. Rejects with what the store throws.
   */
  async write(touches: readonly Touch[]): Promise<readonly Touch[]> {
    const page = this.#open;
    // Whether a write that fails was stored is unknown.
    this.#open = undefined;
    if (page !== undefined && hasRoom(page, touches)) {
      const written = await this.#write(page, touches);
      if (written !== "outdated") return written;
    }
    const pages: Promise<readonly Touch[]>[] = [];
    for (let at = 0; at < touches.length; at += touchesPerPage) {
      const added = touches.slice(at, at + touchesPerPage);
      pages.push(this.#write(this.#newPage(), added).then((written) => (written === "outdated" ? added : written)));
    }
    return (await Promise.all(pages)).flat();
  }

  async #write({ key, version, touches }: OpenPage, added: readonly Touch[]): Promise<readonly Touch[] | "outdated"> {
    const merged = new Map(touches);
    for (const touch of added) merged.set(touch.subject, touchedAgain(merged.get(touch.subject), touch));
    try {
      const written = await this.#options.records.write(key, formatPage(merged.values()), version);
      if (written === undefined) return "outdated";
      if (merged.size < touchesPerPage) this.#open = { key, version: written, touches: merged };
      return added;
    } catch (error) {
      if (!isConnectorsError(error, "STORE_RECORD_SCOPE_FULL")) throw error;
      this.#reportFull(error);
      return [];
    }
  }

  #newPage(): OpenPage {
    const { clock, owner } = this.#options;
    this.#sequence += 1;
    return { key: pageKey(clock.now(), owner, this.#sequence), version: 0, touches: new Map() };
  }

  /** Delivery is worth more than compiling, and continues. What is not recorded is compiled with the next change of its subject. */
  #reportFull(error: unknown): void {
    if (this.#reportedFull) return;
    this.#reportedFull = true;
    this.#options.logger.error("no more subjects fit into the state: some are compiled only after their next change", { error });
  }
}

function hasRoom({ touches }: OpenPage, added: readonly Touch[]): boolean {
  const more = added.filter(({ subject }) => !touches.has(subject));
  return touches.size + more.length <= touchesPerPage;
}

/** Its times differ from those before: the process that takes the subject out of the page leaves it if it is not what was read. */
function touchedAgain(before: Touch | undefined, touch: Touch): Touch {
  if (before === undefined) return touch;
  return { ...touch, firstMs: before.firstMs, lastMs: touch.lastMs === before.lastMs ? touch.lastMs + 1 : touch.lastMs };
}
