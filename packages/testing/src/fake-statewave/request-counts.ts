import type { EpisodeTable } from "./episode-table.ts";

/** What the ingest endpoints saw so far. */
export interface FakeStatewaveStats {
  readonly requests: number;
  /** By HTTP status; `none` where the connection ended without an answer. */
  readonly answers: Readonly<Record<string, number>>;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** Episodes in those requests; a request without any requests whether the server takes some. */
  readonly episodesInFlight: number;
  /** Rows stored. */
  readonly stored: number;
  /** Episodes that were recognised by their key. */
  readonly duplicates: number;
}

export class RequestCounts {
  #requests = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #episodesInFlight = 0;
  readonly #answers = new Map<string, number>();

  /** Counts a request; the returned function is called with its status when it ends. */
  begin(): (status: string) => void {
    this.#requests += 1;
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    return (status) => {
      this.#inFlight -= 1;
      this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    };
  }

  /** Counts the episodes of a request; the returned function is called when it ends. */
  hold(episodes: number): () => void {
    this.#episodesInFlight += episodes;
    return () => {
      this.#episodesInFlight -= episodes;
    };
  }

  stats({ stored, duplicates }: EpisodeTable): FakeStatewaveStats {
    return {
      requests: this.#requests,
      answers: Object.fromEntries(this.#answers),
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      episodesInFlight: this.#episodesInFlight,
      stored,
      duplicates,
    };
  }
}
