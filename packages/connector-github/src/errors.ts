import type { AnswerFacts, ProviderOptions } from "@statewave-connectors/connector-sdk/http";

/** Who requests. */
export type CredentialsKind = "none" | "token" | "app";

/** What to do about an answer, which depends on the credentials. */
export function hintsFor(credentials: CredentialsKind): NonNullable<ProviderOptions["hints"]> {
  const notFound = (facts: AnswerFacts) =>
    `check its name, or \`exclude\` the stream: it does not exist, is switched off in the repository, or the token may not see it (GitHub answers alike); ${missingRight(facts, credentials)}`;
  return {
    unauthorized:
      credentials === "app"
        ? "look at the app's settings at GitHub: the installation was suspended or removed"
        : "replace `token`: it is wrong, expired or revoked",
    forbidden: (facts) => missingRight(facts, credentials),
    not_found: notFound,
    gone: notFound,
    blocked: "ask the owner of the repository, or take it out of the entry: GitHub withholds it",
    ...(credentials === "none" && { rate_limited: "set `token`: without one GitHub allows 60 requests an hour" }),
  };
}

function missingRight({ headers }: AnswerFacts, credentials: CredentialsKind): string {
  if (credentials === "none") return "set `token` if it is private";
  const accepted = headers.get("x-accepted-github-permissions") ?? "";
  const named = accepted === "" ? "" : ` (GitHub names: ${accepted})`;
  const rights = `read access to Metadata, Contents, Issues and Pull requests of it${named}`;
  if (credentials === "app") return `the app needs ${rights}, and the installation must include the repository`;
  // Only classic tokens have scopes; GitHub lists them in every answer.
  const scopes = headers.get("x-oauth-scopes");
  if (scopes === null) return `the token needs ${rights}`;
  const has = scopes === "" ? "no scope" : `the scopes ${scopes}`;
  return `the classic token has ${has} and needs \`repo\` for a private repository, and the organization may demand that it is authorized for SSO`;
}
