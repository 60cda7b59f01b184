import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { shownText } from "@statewave-connectors/connector-sdk/http";
import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import type { GithubClient, GraphqlAnswer } from "./client.ts";
import type { Account } from "./rows.ts";

// What all queries of GitHub's GraphQL share.

/** GraphQL cannot be used for this repository with this token; REST may. */
export class GraphqlRefused extends ConnectorsError {
  constructor(reason: string) {
    super({ code: "GITHUB_FORBIDDEN", message: `GitHub's GraphQL refuses to answer: ${reason}` });
  }
}

/** GraphQL does not know the cursor it was given: it was made too long ago. */
export class StaleGraphqlCursor extends ConnectorsError {
  constructor() {
    super({ code: "GITHUB_UNAVAILABLE", message: "GitHub no longer knows a GraphQL cursor it gave", retryable: true });
  }
}

/** Which repositories GraphQL answers for; remembered while the entry is open, so that a refusal costs one request and not one a run. */
export class GraphqlAccess {
  /** Ids of repositories for which it is refused. */
  readonly refused = new Set<number>();
}

/** One query; a refusal of the whole endpoint becomes one of GraphQL. */
export async function queryGraphql(
  client: GithubClient,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<GraphqlAnswer> {
  try {
    return await client.graphql(query, variables, signal);
  } catch (error) {
    if (isConnectorsError(error, "GITHUB_FORBIDDEN") || isConnectorsError(error, "GITHUB_NOT_FOUND")) {
      throw new GraphqlRefused(error.message);
    }
    throw error;
  }
}

const refusals = new Set(["FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "undefinedField"]);

/** An answer with errors may be partial: its missing items would be lost, so it is not used. */
export function refuseErrors(client: GithubClient, errors: GraphqlAnswer["errors"]): void {
  const [first] = errors;
  if (first === undefined) return;
  const refusal = errors.find((error) => refusals.has(error.type));
  if (refusal !== undefined) throw new GraphqlRefused(refusal.message);
  if (errors.some((error) => error.type === "INVALID_CURSOR_ARGUMENTS")) throw new StaleGraphqlCursor();
  throw client.overloaded(`GitHub's GraphQL failed: ${shownText(first.message)}`);
}

/** The fields of an actor. */
export const actorFields = "{ __typename login }";

/** Null: the account is deleted. */
export const actor = v.nullish(v.object({ __typename: v.optional(v.string()), login: v.string() }));

/** REST and webhooks write a bot's login as `name[bot]`, GraphQL without the mark. */
export function toAccount(of: v.InferOutput<typeof actor>): Account {
  if (of === null || of === undefined) return null;
  const { __typename: type, login } = of;
  return { login: cleanText(type === "Bot" && !login.endsWith("[bot]") ? `${login}[bot]` : login), type };
}
