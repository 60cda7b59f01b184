import type { Episode, FailedItem, Page } from "@statewave-connectors/connector-sdk";
import { formatCursor } from "../cursor.ts";
import type { KnownDocuments } from "./known-documents.ts";
import type { SkipReason } from "../folder/left-out.ts";

/** A page is full at either. The bytes are those of the texts, counted as UTF-16 units. */
const maxPageEpisodes = 100;
const maxPageLength = 1024 * 1024;

/** Collects what the next page says. */
export class PageBuilder {
  readonly #known: KnownDocuments;
  #episodes: Episode[] = [];
  #failures: FailedItem[] = [];
  #skipped: Record<string, number> = {};
  #length = 0;
  #isTouched = false;

  constructor(known: KnownDocuments) {
    this.#known = known;
  }

  get isFull(): boolean {
    return this.#episodes.length + this.#failures.length >= maxPageEpisodes || this.#length >= maxPageLength;
  }

  get isEmpty(): boolean {
    return !this.#isTouched && Object.keys(this.#skipped).length === 0;
  }

  add(episode: Episode): void {
    this.#episodes.push(episode);
    this.#length += episode.text.length;
    this.#isTouched = true;
  }

  fail(failure: FailedItem): void {
    this.#failures.push(failure);
    this.#isTouched = true;
  }

  skip(reason: SkipReason): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
  }

  /** The cursor changed. */
  touch(): void {
    this.#isTouched = true;
  }

  /** Pages of the episodes that are more than a page holds. Without a cursor: it belongs behind the last of them. */
  *takeSurplus(): Generator<Page> {
    while (this.#episodes.length > maxPageEpisodes) {
      const episodes = this.#episodes.slice(0, maxPageEpisodes);
      this.#episodes = this.#episodes.slice(maxPageEpisodes);
      for (const { text } of episodes) this.#length -= text.length;
      yield { episodes };
    }
  }

  take(): Page {
    const page: Page = {
      episodes: this.#episodes,
      ...(this.#isTouched ? { cursor: formatCursor(this.#known) } : {}),
      ...(Object.keys(this.#skipped).length > 0 ? { skipped: this.#skipped } : {}),
      ...(this.#failures.length > 0 ? { failures: this.#failures } : {}),
    };
    this.#episodes = [];
    this.#failures = [];
    this.#skipped = {};
    this.#length = 0;
    this.#isTouched = false;
    return page;
  }
}
