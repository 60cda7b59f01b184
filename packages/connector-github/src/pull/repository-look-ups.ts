import type { GithubClient } from "../client.ts";
import { type Repository, toRepository } from "../repository.ts";

/** More than an entry may have. */
const mostRemembered = 1_000;

/** Looks repositories up by name. What was answered is remembered in memory, so that an unchanged one costs a 304. */
export class RepositoryLookUps {
  readonly #client: GithubClient;
  readonly #answers = new Map<string, { readonly etag: string | undefined; readonly repository: Repository }>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** Follows a rename. Throws GITHUB_BAD_ANSWER when the answer is not a repository. */
  async lookUp(name: string, signal: AbortSignal): Promise<Repository> {
    const key = name.toLowerCase();
    const known = this.#answers.get(key);
    const answer = await this.#client.get(`repos/${name}`, { signal, etag: known?.etag });
    if (answer.notModified && known !== undefined) return { ...known.repository, configured: name };
    const repository = toRepository(answer.body, name);
    if (repository === undefined) throw this.#client.badAnswer(`GitHub's answer to ${answer.requestName} is not a repository`);
    if (this.#answers.size >= mostRemembered) this.#answers.clear();
    this.#answers.set(key, { etag: answer.etag, repository });
    return repository;
  }
}
