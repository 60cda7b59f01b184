import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import { type NameMatcher, nameMatcher } from "@statewave-connectors/connector-sdk/options";
import { type FailedPart, linkPages, partVerdict } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { github, type GithubClient } from "../client.ts";
import type { GithubPullConfig } from "../pull-options.ts";
import { type Repository, toRepository } from "../repository.ts";
import { readRows, repositoryRow } from "../rows.ts";
import { isCalled, type ManyCursor } from "./cursor.ts";
import type { RepositoryLookUps } from "./repository-look-ups.ts";

/** With an address: it names the host, which keys contain. */
const listedRow = v.object({ ...repositoryRow.entries, html_url: v.pipe(repositoryRow.entries.html_url, v.url()) });

/** What an entry with `repos` or `org` reads. */
export interface Listed {
  readonly repositories: readonly Repository[];
  /** Names that could not be looked up. */
  readonly missing: readonly FailedPart[];
}

/** Each has a part in the cursor, which is rewritten with every page: more of them belong into several entries. */
const maxRepositories = 500;
/** A hundred pages hold 10,000 repositories. */
const maxPages = 100;

type RepositoryOptions = Pick<GithubPullConfig, "repos" | "org" | "include_repos" | "exclude_repos">;

interface ListPage {
  readonly items: readonly v.InferOutput<typeof repositoryRow>[];
  readonly unreadable: readonly UnreadableRow[];
  readonly next: string | undefined;
  readonly etag: string | undefined;
}

/** A row of the organization's list that does not say which repository it is. */
interface UnreadableRow {
  /** As far as it says that. */
  readonly fullName: string | undefined;
  readonly id: string;
  readonly error: unknown;
}

/** Which repositories an entry means now. */
export class RepositoryList {
  readonly #client: GithubClient;
  readonly #lookUps: RepositoryLookUps;
  readonly #names: RepositoryOptions;
  readonly #isIncluded: NameMatcher;
  readonly #isExcluded: NameMatcher;
  /** The organization's pages as they were last answered, for 304. In memory alone: a new process requests them once more. */
  #pages: ReadonlyMap<string, ListPage> = new Map();

  constructor(client: GithubClient, lookUps: RepositoryLookUps, names: RepositoryOptions) {
    this.#client = client;
    this.#lookUps = lookUps;
    this.#names = names;
    this.#isIncluded = nameMatcher(names.include_repos ?? ["*"], { ignoreCase: true });
    this.#isExcluded = nameMatcher(names.exclude_repos ?? [], { ignoreCase: true });
  }

  get isOrganization(): boolean {
    return this.#names.org !== undefined;
  }

  /** Requests the list; what the cursor knows of the names in `repos` is not requested again. */
  async read(cursor: ManyCursor, signal: AbortSignal): Promise<Listed> {
    const { org, repos = [] } = this.#names;
    const listed =
      org === undefined ? await this.#lookUp(repos, cursor, signal) : await this.#listOrganization(org, cursor, signal);
    this.#client.forgetMoved();
    // Two names may mean one repository.
    const repositories = [...new Map(listed.repositories.map((repository) => [repository.id, repository])).values()];
    if (repositories.length <= maxRepositories) return { ...listed, repositories };
    throw new ConnectorsError({
      code: "GITHUB_TOO_MANY_REPOSITORIES",
      message: `the entry covers ${repositories.length} repositories, and one entry reads at most ${maxRepositories}`,
      hint: "divide them over several entries, with `include_repos` and `exclude_repos`",
    });
  }

  async #lookUp(names: readonly string[], { parts }: ManyCursor, signal: AbortSignal): Promise<Listed> {
    const repositories: Repository[] = [];
    const missing: FailedPart[] = [];
    for (const name of names) {
      const known = Object.values(parts).find(({ repository }) => isCalled(repository, name));
      try {
        repositories.push(known?.repository ?? (await this.#lookUps.lookUp(name, signal)));
      } catch (error) {
        if (signal.aborted || partVerdict(error) === "source") throw error;
        missing.push({ name, error });
      }
    }
    return { repositories, missing };
  }

  /** A row that cannot be read is a repository that the run reports as missing, unless the cursor knows which one it is. */
  async #listOrganization(org: string, { parts }: ManyCursor, signal: AbortSignal): Promise<Listed> {
    const read = new Map<string, ListPage>();
    const walk = linkPages<ListPage>({
      ...github,
      list: `repositories of ${org}`,
      maxPages,
      keyOf: ({ id }) => String(id),
      fetchPage: async (link, size) => {
        const target = link ?? `orgs/${org}/repos?type=all&sort=full_name&direction=asc&per_page=${size}`;
        const page = await this.#page(target, signal);
        read.set(target, page);
        return page;
      },
      signal,
    });
    const repositories: Repository[] = [];
    const missing: FailedPart[] = [];
    for await (const { items, read: page } of walk) {
      for (const row of items) {
        const repository = this.#isWanted(row.full_name) ? toRepository(row, row.full_name) : undefined;
        if (repository !== undefined) repositories.push(repository);
      }
      for (const { fullName, id, error } of page.unreadable) {
        if (fullName !== undefined && !this.#isWanted(fullName)) continue;
        const known = parts[id]?.repository;
        if (known === undefined) missing.push({ name: fullName ?? `a repository of ${org}`, error });
        else if (this.#isWanted(known.fullName)) repositories.push(known);
      }
    }
    this.#pages = read;
    return { repositories, missing };
  }

  async #page(target: string, signal: AbortSignal): Promise<ListPage> {
    const known = this.#pages.get(target);
    const answer = await this.#client.get(target, { signal, etag: known?.etag });
    if (answer.notModified && known !== undefined) return known;
    const { rows, failures } = readRows(listedRow, this.#client.listOf(answer));
    return { items: rows, unreadable: failures.map(toUnreadable), next: answer.next, etag: answer.etag };
  }

  #isWanted(fullName: string): boolean {
    const name = fullName.slice(fullName.indexOf("/") + 1);
    return this.#isIncluded(name) && !this.#isExcluded(name);
  }
}

function toUnreadable({ id, error, raw }: FailedItem): UnreadableRow {
  const named = v.safeParse(v.object({ full_name: repositoryRow.entries.full_name }), raw);
  return { id, error, fullName: named.success ? named.output.full_name : undefined };
}
