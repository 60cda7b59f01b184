import {
  type Author,
  canonicalSubject,
  type Episode,
  idempotencyKey,
  type SourcePointer,
} from "@statewave-connectors/connector-sdk";
import { cutText, foldText } from "@statewave-connectors/connector-sdk/text";
import type { Repository } from "../repository.ts";
import type { Account } from "../rows.ts";

/** GitHub takes no longer bodies. */
const maxBodyLength = 65_536;

/** Who did what, when. */
export interface Deed {
  readonly by: Account;
  readonly at: string;
}

/** What an episode is made of, apart from what the repository adds. */
export interface EpisodeParts {
  readonly kind: string;
  /** Who did what where, and to what. */
  readonly line: string;
  /** Markdown. */
  readonly body?: string;
  readonly at: string;
  readonly title?: string;
  /** What its session is called in the repository: the number of the issue or pull request. */
  readonly session?: number | string;
  readonly author?: Author | undefined;
  readonly outcome?: NonNullable<Episode["outcome"]>;
  /** Absent: what Statewave makes of the text. */
  readonly memory?: Episode["candidates"];
  readonly source: SourcePointer;
  /** Behind github, owner and name. */
  readonly keyParts: readonly (string | number)[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The episode of something in a repository. */
export function toEpisode(repository: Repository, parts: EpisodeParts): Episode {
  const [owner, name] = repository.fullName.split("/");
  const host = repository.host === "github.com" ? "github" : `github@${repository.host}`;
  const { kind, at, title = "", session, author, outcome, memory, source } = parts;
  return {
    subject: `repo:${repository.fullName}`,
    kind,
    text: textOf(parts),
    occurred_at: at,
    source,
    // The keys without an id are those of the repository that had the name first.
    idempotency_key: idempotencyKey(
      host,
      owner,
      name,
      ...(repository.isSuccessor === true ? [repository.id] : []),
      ...parts.keyParts,
    ),
    ...(title === "" ? {} : { title }),
    ...(session === undefined ? {} : { session: canonicalSubject(`github-${repository.fullName}-${session}`) }),
    ...(author === undefined ? {} : { author }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(memory === undefined ? {} : { candidates: memory }),
    metadata: { repo: repository.fullName, ...parts.metadata, ...(source.url === undefined ? {} : { url: source.url }) },
  };
}

function textOf({ line, body = "" }: Pick<EpisodeParts, "line" | "body">): string {
  return cutText(foldText(line, body.slice(0, maxBodyLength).toWellFormed()).trimEnd());
}

/** The pointer to an item, with its page where that is a web address. */
export function pointer(type: string, id: string, url: string | undefined): SourcePointer {
  return url !== undefined && isPage(url) ? { type, id, url } : { type, id };
}

/** Where the latest page lies, with a slash at its end. All of a repository lie there, and no path makes an address invalid. */
let knownOrigin: string | undefined;

function isPage(url: string): boolean {
  if (knownOrigin !== undefined && url.startsWith(knownOrigin)) return true;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return false;
  knownOrigin = `${parsed.origin}/`;
  return true;
}
