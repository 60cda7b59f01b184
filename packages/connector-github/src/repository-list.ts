import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type * as v from "valibot";
import type { GithubClient } from "./client.ts";
import type { GithubPullConfig } from "./config.ts";
import { isCalled, type ManyCursor } from "./cursor.ts";
import { matchesName } from "./name-pattern.ts";
import { lookUpRepository, type Repository, toRepository } from "./repository.ts";
import { readRows, repositoryRow } from "./rows.ts";

/** What an entry with `repos` or `org` reads. */
export interface Listed {
  readonly repositories: readonly Repository[];
  /** Names that could not be looked up, with the reason. */
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

/** Each has a part in the cursor, which is written anew with every page: more of them belong into several entries. */
const maxRepositories = 500;
/** A hundred pages hold 10,000 repositories; what goes on beyond is a loop. */
const maxPages = 100;

type Names = Pick<GithubPullConfig, "repos" | "org" | "include_repos" | "exclude_repos">;

interface ListPage {
  readonly rows: readonly v.InferOutput<typeof repositoryRow>[];
  readonly next: string | undefined;
  readonly etag: string | undefined;
}

/** Which repositories an entry means now. */
export class RepositoryList {
  readonly #client: GithubClient;
  readonly #names: Names;
  /** The organization's pages as they were last answered, for 304. Held in memory alone: a new process asks once more. */
  #pages = new Map<string, ListPage>();

  constructor(client: GithubClient, names: Names) {
    this.#client = client;
    this.#names = names;
  }

  get isOrganization(): boolean {
    return this.#names.org !== undefined;
  }

  /** Asks GitHub; what the cursor knows of the names in `repos` is not asked again. */
  async read(cursor: ManyCursor, signal: AbortSignal): Promise<Listed> {
    const { org, repos = [] } = this.#names;
    const listed = org === undefined ? await this.#lookUp(repos, cursor, signal) : await this.#listOrganization(org, signal);
    this.#client.takeMoved();
    // Two names may mean one repository.
    const repositories = [...new Map(listed.repositories.map((repository) => [repository.id, repository])).values()];
    if (repositories.length <= maxRepositories) return { ...listed, repositories };
    throw new ConnectorsError({
      code: "GITHUB_TOO_MANY_REPOSITORIES",
      message: `the entry means ${repositories.length} repositories, and one entry reads at most ${maxRepositories}`,
      hint: "divide them over several entries, with `include_repos` and `exclude_repos`",
    });
  }

  async #lookUp(names: readonly string[], { parts }: ManyCursor, signal: AbortSignal): Promise<Listed> {
    const repositories: Repository[] = [];
    const failures: { name: string; error: unknown }[] = [];
    for (const name of names) {
      const known = Object.values(parts).find(({ repository }) => isCalled(repository, name));
      try {
        repositories.push(known?.repository ?? (await lookUpRepository(this.#client, name, signal)));
      } catch (error) {
        if (!isOfOneRepository(error)) throw error;
        failures.push({ name, error });
      }
    }
    return { repositories, failures };
  }

  async #listOrganization(org: string, signal: AbortSignal): Promise<Listed> {
    const seen = new Map<string, ListPage>();
    let target: string | undefined = `orgs/${org}/repos?type=all&sort=full_name&direction=asc&per_page=100`;
    while (target !== undefined && !seen.has(target) && seen.size < maxPages) {
      const page: ListPage = await this.#page(target, signal);
      seen.set(target, page);
      target = page.next;
    }
    this.#pages = seen;
    const rows = [...seen.values()].flatMap((page) => page.rows);
    const wanted = rows.filter((row) => this.#isWanted(row.full_name));
    return { repositories: wanted.map((row) => toRepository(row, row.full_name)), failures: [] };
  }

  async #page(target: string, signal: AbortSignal): Promise<ListPage> {
    const known = this.#pages.get(target);
    const answer = await this.#client.get(target, { signal, etag: known?.etag });
    if (answer.notModified && known !== undefined) return known;
    const { rows } = readRows(repositoryRow, answer.body, "the organization's repositories");
    return { rows, next: answer.next, etag: answer.etag };
  }

  #isWanted(fullName: string): boolean {
    const { include_repos: include = ["*"], exclude_repos: exclude = [] } = this.#names;
    const name = fullName.split("/")[1]!;
    const matches = (pattern: string) => matchesName(pattern, name);
    return include.some(matches) && !exclude.some(matches);
  }
}

const codesOfOne = new Set([
  "GITHUB_NOT_FOUND",
  "GITHUB_FORBIDDEN",
  "GITHUB_BAD_ANSWER",
  "GITHUB_UNAVAILABLE",
  "GITHUB_CURSOR_INVALID",
]);

/** Whether an error may concern one repository only, so that the others can be read. A rate limit or a wrong token concerns all. */
export function isOfOneRepository(error: unknown): error is ConnectorsError {
  return isConnectorsError(error) && codesOfOne.has(error.code);
}
