import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Answer, GithubClient } from "./client.ts";
import type { StreamName } from "./config.ts";
import { toRepository } from "./repository.ts";
import { queryPulls } from "./reviews-query.ts";

/** The cheapest question that each stream's rights decide on. */
const questions: Readonly<Record<StreamName, string>> = {
  issues: "issues?per_page=1",
  pull_requests: "pulls?per_page=1",
  comments: "issues/comments?per_page=1",
  review_comments: "pulls/comments?per_page=1",
  reviews: "pulls?per_page=1",
  releases: "releases?per_page=1",
};

/** Reaches the repository, then asks for one row of each enabled stream; says what is left of the rate limit and what the token may do. */
export async function check(
  client: GithubClient,
  repo: string,
  enabled: ReadonlySet<StreamName>,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const tryTo = async (what: string, attempt: () => Promise<string>): Promise<boolean> => {
    try {
      results.push({ ok: true, message: await attempt() });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      results.push({ ok: false, message: `${what}: ${describeError(error)}` });
      return false;
    }
  };
  let fullName = repo;
  const found = await tryTo(`read ${repo}`, async () => {
    const answer = await client.get(`repos/${repo}`, { signal });
    ({ fullName } = toRepository(answer, repo));
    const renamed = client.takeMoved() ? `; it was renamed, so set repo = "${fullName}"` : "";
    return `${fullName} is readable ${rights(answer, client.authenticated)}${renamed}`;
  });
  if (!found) return results;
  for (const name of enabled) {
    await tryTo(`read ${name} of ${fullName}`, async () => {
      await client.get(`repos/${fullName}/${questions[name]}`, { signal });
      return `${name} of ${fullName} can be read`;
    });
  }
  if (enabled.has("reviews")) results.push(await checkGraphql(client, fullName, signal));
  return results;
}

/** Reviews can be read either way, so this never fails. */
async function checkGraphql(client: GithubClient, fullName: string, signal: AbortSignal): Promise<CheckResult> {
  const slow = "reviews cost one request for each changed pull request";
  if (!client.authenticated) return { ok: true, message: `without a token there is no GraphQL: ${slow}` };
  try {
    const repository = { id: 0, host: "", fullName, configured: fullName };
    await queryPulls(client, repository, { sizes: [1], after: undefined }, signal);
    return { ok: true, message: "reviews are read by GraphQL" };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: true, message: `GraphQL cannot be used, so ${slow}: ${describeError(error)}` };
  }
}

function rights({ headers }: Answer, authenticated: boolean): string {
  const limit = `${headers.get("x-ratelimit-remaining") ?? "?"} of ${headers.get("x-ratelimit-limit") ?? "?"} requests are left this hour`;
  if (!authenticated) return `without a token; ${limit}`;
  const scopes = headers.get("x-oauth-scopes");
  return `with the token${scopes === null || scopes === "" ? "" : ` (scopes: ${scopes})`}; ${limit}`;
}
