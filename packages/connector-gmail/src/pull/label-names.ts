import type { Clock } from "@statewave-connectors/connector-sdk";
import type { MailboxApi } from "../mailbox-api.ts";

/** So long names are remembered. */
const rememberedMs = 3_600_000;

/** The names of a mailbox's labels. */
export class LabelNames {
  readonly #api: MailboxApi;
  readonly #clock: Clock;
  #names: ReadonlyMap<string, string> = new Map();
  #listedAtMs = -Infinity;

  constructor(api: MailboxApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** A name by id; the id itself for a label that does not exist any more. */
  async known(signal: AbortSignal): Promise<(id: string) => string> {
    const ageMs = this.#clock.now() - this.#listedAtMs;
    if (ageMs >= rememberedMs || ageMs < 0) {
      this.#names = new Map((await this.#api.labels(signal)).map(({ id, name }) => [id, name]));
      this.#listedAtMs = this.#clock.now();
    }
    return (id) => this.#names.get(id) ?? id;
  }
}
