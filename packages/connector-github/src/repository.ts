import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { GithubClient } from "./client.ts";
import { badAnswer } from "./errors.ts";
import { repositoryRow } from "./rows.ts";

/** Which repository it really is. Names are case-insensitive and change; the id does not. */
export interface Repository {
  readonly id: number;
  /** `owner/name` in the API's own spelling: subjects and keys are built from it. */
  readonly fullName: string;
  /** The host of its web pages, `github.com` for github.com. */
  readonly host: string;
  /** The configured `repo` that led to it. */
  readonly configured: string;
}

/** Looks a repository up by name, following a rename. */
export async function lookUpRepository(client: GithubClient, configured: string, signal: AbortSignal): Promise<Repository> {
  return toRepository((await client.get(`repos/${configured}`, { signal })).body, configured);
}

/** @throws GITHUB_BAD_ANSWER when it is not a repository. */
export function toRepository(body: unknown, configured: string): Repository {
  const row = v.safeParse(repositoryRow, body);
  const host = row.success ? URL.parse(row.output.html_url)?.host : undefined;
  if (!row.success || host === undefined) throw badAnswer(`GitHub's answer to GET repos/${configured} is not a repository`);
  return { id: row.output.id, fullName: row.output.full_name, host, configured };
}

/** Refuses to go on with a cursor that belongs to another repository. */
export function assertSameRepository(stored: Repository, found: Repository, sourceKey: string): void {
  if (stored.id === found.id) return;
  throw new ConnectorsError({
    code: "GITHUB_CURSOR_INVALID",
    message: `the cursor of ${sourceKey} belongs to the repository ${stored.fullName}, but \`repo\` is now ${found.fullName}`,
    hint: `give the entry a new name, or forget the cursor with \`state delete ${sourceKey}\` and read ${found.fullName} from the beginning`,
  });
}
