import type { IssueRow } from "../rows.ts";
import { type CommentParent, toParent } from "../episodes/to-episode.ts";

/** A hundred pages of the list; a few MiB. */
const mostKnown = 10_000;

/**
 * The issues and pull requests that were read lately, for the texts of their comments: the lists of comments tell no title, and whoever
 * comments touches the issue, so that its row was read a moment before. Held in memory alone: what is not known is called by its number.
 */
export class KnownIssues {
  readonly #parents = new Map<string, CommentParent>();

  remember(repositoryId: number, row: IssueRow): void {
    const key = `${repositoryId}#${row.number}`;
    this.#parents.delete(key);
    this.#parents.set(key, toParent(row, row.pull_request !== undefined));
    const oldest = this.#parents.size > mostKnown ? this.#parents.keys().next().value : undefined;
    if (oldest !== undefined) this.#parents.delete(oldest);
  }

  find(repositoryId: number, number: number | undefined): CommentParent | undefined {
    return this.#parents.get(`${repositoryId}#${number}`);
  }
}
