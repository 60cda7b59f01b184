import { type Episode, idempotencyKey, type SourcePointer } from "@statewave-connectors/connector-sdk";
import { cutText } from "@statewave-connectors/connector-sdk/text";
import type { Repository } from "../repository.ts";
import type { Account } from "../rows.ts";

/** A closing repeats enough of the body to be understood alone; the whole of it is in the opening. */
export const closingBodyBytes = 1_024;
/** Labels must not push the title out of the first 150 characters. */
const maxTagsLength = 60;

/** Who did what, when. */
export interface Deed {
  readonly by: Account;
  readonly at: string;
}

/** What an episode is made of, apart from what the repository adds. */
export interface EpisodeParts {
  readonly kind: string;
  readonly text: string;
  readonly at: string;
  readonly title?: string;
  readonly source: SourcePointer;
  /** Behind github, owner and name. */
  readonly keyParts: readonly (string | number)[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The episode of something in a repository. */
export function toEpisode(repository: Repository, parts: EpisodeParts): Episode {
  const [owner, name] = repository.fullName.split("/");
  const host = repository.host === "github.com" ? "github" : `github@${repository.host}`;
  return {
    subject: `repo:${repository.fullName}`,
    kind: parts.kind,
    text: cutText(parts.text.trimEnd()),
    occurred_at: parts.at,
    source: parts.source,
    // The keys without an id are those of the repository that had the name first.
    idempotency_key: idempotencyKey(
      host,
      owner,
      name,
      ...(repository.isSuccessor === true ? [repository.id] : []),
      ...parts.keyParts,
    ),
    ...(parts.title === undefined || parts.title === "" ? {} : { title: parts.title }),
    metadata: {
      repo: repository.fullName,
      ...parts.metadata,
      ...(parts.source.url === undefined ? {} : { url: parts.source.url }),
    },
  };
}

/** The pointer to a thing, with its page where that is a web address. */
export function pointer(type: string, id: string, url: string | undefined): SourcePointer {
  const isPage = url !== undefined && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
  return isPage ? { type, id, url } : { type, id };
}

/** State and labels as they stand before a title: `[open, bug]`. */
export function bracketed(tags: readonly string[]): string {
  const joined = tags.join(", ");
  return `[${joined.length <= maxTagsLength ? joined : `${joined.slice(0, maxTagsLength - 1)}…`}]`.toWellFormed();
}

/** GitHub shows deleted accounts as the user "ghost". */
export function loginOf(user: Account): string {
  return user?.login ?? "ghost";
}

/** The metadata that says who wrote it. */
export function authorship(user: Account): Readonly<Record<string, unknown>> {
  return { author: loginOf(user), ...(user?.type === "Bot" ? { bot: true } : {}) };
}
