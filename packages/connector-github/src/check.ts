import { type CheckResult, type Clock, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { Answer, GithubClient } from "./client.ts";
import type { GithubPullConfig, StreamName } from "./pull-options.ts";
import type { RepositoryList } from "./pull/repository-list.ts";
import { queryPulls } from "./pull/reviews-query.ts";
import { repositoryRow } from "./rows.ts";

/** The entry that is checked. */
export interface CheckedEntry {
  readonly client: GithubClient;
  readonly config: Pick<GithubPullConfig, "repo" | "repos" | "org">;
  readonly list: RepositoryList;
  readonly sourceKey: string;
  readonly enabled: ReadonlySet<StreamName>;
  readonly clock: Clock;
}

/** For each stream, the cheapest request that its rights decide. */
const questions: Readonly<Record<StreamName, string>> = {
  issues: "issues?per_page=1",
  pull_requests: "pulls?per_page=1",
  comments: "issues/comments?per_page=1",
  review_comments: "pulls/comments?per_page=1",
  reviews: "pulls?per_page=1",
  releases: "releases?per_page=1",
};

/** What a fine-grained token or an app must be allowed to read. */
const permissions: Readonly<Record<StreamName, string>> = {
  issues: "Issues",
  pull_requests: "Pull requests",
  comments: "Issues and Pull requests",
  review_comments: "Pull requests",
  reviews: "Pull requests",
  releases: "Contents",
};

/** What is read by GraphQL, or completed by it. */
const asksGraphql: readonly StreamName[] = ["issues", "pull_requests", "comments", "review_comments", "reviews"];

/** Rights apply to a whole organization or installation, so a few of its repositories show them. */
const thoroughlyChecked = 3;
/** Below a tenth of the hour's requests, but at least so many. */
const fewRequests = 10;

/**
 * Requests the repositories and one row of each enabled stream; reports the rest of the rate limit and the rights of the credentials.
 * Each failure names the entry.
 */
export async function check(entry: CheckedEntry, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const report = new Report(entry.sourceKey, signal);
  const names = await namesOf(entry, report, signal);
  let thorough = thoroughlyChecked;
  for (const name of names) {
    const fullName = await checkRepository(entry, name, report, signal);
    if (fullName === undefined || thorough <= 0) continue;
    thorough -= 1;
    for (const stream of entry.enabled) {
      await report.tryTo(`read ${stream} of ${fullName}, which takes read access to ${permissions[stream]}`, async () => {
        await entry.client.get(`repos/${fullName}/${questions[stream]}`, { signal });
        return `${stream} of ${fullName} can be read`;
      });
    }
    if (asksGraphql.some((stream) => entry.enabled.has(stream)))
      report.results.push(await checkGraphql(entry.client, fullName, signal));
  }
  return report.results;
}

/** The results so far. */
class Report {
  readonly results: CheckResult[] = [];
  readonly #entry: string;
  readonly #signal: AbortSignal;
  /** The last failure was one of the credentials, so every other request would fail, too. */
  isHopeless = false;

  constructor(sourceKey: string, signal: AbortSignal) {
    const [kind, name] = sourceKey.split("/");
    this.#entry = `[[pull.${kind}]] "${name}"`;
    this.#signal = signal;
  }

  async tryTo(what: string, attempt: () => Promise<string>): Promise<boolean> {
    if (this.isHopeless) return false;
    try {
      this.results.push({ ok: true, message: await attempt() });
      return true;
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      this.isHopeless = error.code === "GITHUB_UNAUTHORIZED" || error.code === "GITHUB_RATE_LIMITED";
      this.results.push({ ok: false, message: `${this.#entry} cannot ${what}: ${describeError(error)}`, error });
      return false;
    }
  }

  fail(problem: string): void {
    this.results.push({ ok: false, message: `${this.#entry}: ${problem}` });
  }
}

/** The repositories to check: all that are named, or the first ones of an organization. */
async function namesOf({ config, list }: CheckedEntry, report: Report, signal: AbortSignal): Promise<readonly string[]> {
  const { repo, repos, org } = config;
  if (org === undefined) return repos ?? (repo === undefined ? [] : [repo]);
  let names: readonly string[] = [];
  await report.tryTo(`list the repositories of ${org}`, async () => {
    const { repositories } = await list.read({ v: 2, parts: {} }, signal);
    names = repositories.map(({ fullName }) => fullName);
    return `${names.length} repositories of ${org} are read`;
  });
  if (names.length === 0 && !report.results.some(({ ok }) => !ok)) {
    report.fail(`no repository of ${org} is left: the credentials see none, or include_repos and exclude_repos leave none`);
  }
  return names.slice(0, thoroughlyChecked);
}

/** The repository's present name, if it can be read. */
async function checkRepository(
  { client, clock, enabled }: CheckedEntry,
  name: string,
  report: Report,
  signal: AbortSignal,
): Promise<string | undefined> {
  let fullName: string | undefined;
  await report.tryTo(`read ${name}`, async () => {
    const answer = await client.get(`repos/${name}`, { signal });
    const row = v.parse(repositoryRow, answer.body);
    fullName = row.full_name;
    const renamed = client.takeMoved() ? `; it was renamed, so write "${fullName}"` : "";
    const archived = row.archived ? "; it is archived, so it will not change" : "";
    const off =
      !row.has_issues && enabled.has("issues") ? '; its issues are switched off, so exclude = ["issues"] spares requests' : "";
    return `${fullName} is readable ${rights(client, answer, clock.now())}${renamed}${archived}${off}`;
  });
  return fullName;
}

/** Reviews can be read without GraphQL, and webhooks report the rest, so this never fails. */
async function checkGraphql(client: GithubClient, fullName: string, signal: AbortSignal): Promise<CheckResult> {
  const slow = "reviews cost one request for each changed pull request, and edits and reopenings are not reported";
  if (!client.authenticated) return { ok: true, message: `without a token there is no GraphQL: ${slow}` };
  try {
    const repository = { id: 0, host: "", fullName, configured: fullName };
    await queryPulls(client, repository, { size: 1, after: undefined }, signal);
    return { ok: true, message: "GraphQL answers requests for reviews, edits and reopenings" };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: true, message: `GraphQL cannot be used, so ${slow}: ${describeError(error)}` };
  }
}

function rights(client: GithubClient, { headers }: Answer, nowMs: number): string {
  const left = headers.get("x-ratelimit-remaining");
  const all = headers.get("x-ratelimit-limit");
  const limit = `${left ?? "?"} of ${all ?? "?"} requests are left this hour${lowLimit(headers, nowMs)}`;
  if (client.credentials === "none") return `without a token; ${limit}`;
  const scopes = headers.get("x-oauth-scopes");
  const named = scopes === null || scopes === "" ? "" : ` (scopes: ${scopes})`;
  return `${client.credentials === "app" ? "by the app" : "with the token"}${named}; ${limit}`;
}

/** A run that uses up the requests is resumed by the next one, so this is no failure. */
function lowLimit(headers: Headers, nowMs: number): string {
  const left = Number(headers.get("x-ratelimit-remaining") ?? Number.NaN);
  const all = Number(headers.get("x-ratelimit-limit") ?? Number.NaN);
  const resetSeconds = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  if (!(left < Math.max(fewRequests, all / 10))) return "";
  const minutes = Math.max(1, Math.ceil((resetSeconds * 1_000 - nowMs) / 60_000));
  const when = Number.isFinite(minutes) ? ` for ${minutes} more minutes` : "";
  return `: that is few${when}; a run that uses them up ends, and the next one resumes`;
}
