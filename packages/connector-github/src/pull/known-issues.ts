import type { IssueRow } from "../rows.ts";
import { type CommentParent, toParent } from "../episodes/to-episode.ts";

/** A hundred pages of the list; a few MiB. */
const mostKnown = 10_000;

/**
 * The issues and pull requests that were read last, for the texts of their comments: the lists of comments have no titles, and a comment
 * updates its issue, so that the issue's row is read first. In memory only: an unknown issue is named by its number.
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
