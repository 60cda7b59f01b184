/*
 * What the file of `@statewavedev/connectors-runner` 0.3 could hold, and what that runner did with it.
 */

export type MovedDirection = "pull" | "push";

/** What it did with an entry of any kind. It ignored the `subject` of receivers. */
export const usedOfEvery: Readonly<Record<MovedDirection, readonly string[]>> = {
  pull: ["name", "schedule", "subject", "max_items", "dry_run"],
  push: ["name"],
};

/** What it handed to the connector of a kind; whatever else an entry held, it ignored. */
const usedByKind: Readonly<Record<MovedDirection, Readonly<Record<string, readonly string[]>>>> = {
  pull: {
    discord: ["bot_token", "guild", "channels"],
    freshdesk: ["subdomain", "api_key"],
    github: ["repo", "token"],
    gmail: ["client_id", "client_secret", "refresh_token", "query", "label_ids"],
    intercom: ["access_token", "region", "app_id"],
    markdown: ["path"],
    n8n: ["instance_url", "api_key", "workflows"],
    notion: ["token", "databases"],
    slack: ["bot_token", "channels", "include_dms", "include_mpim", "resolve_users"],
    zendesk: ["subdomain", "oauth_token", "email", "api_token", "use_incremental"],
  },
  push: {
    freshdesk: ["signing_secret", "signing_header", "subdomain"],
    gmail: ["path_token", "oidc", "client_id", "client_secret", "refresh_token", "query", "label_ids", "max_items"],
    intercom: ["signing_secret", "app_id", "region"],
    slack: ["signing_secret", "channels", "accept_dms", "accept_mpim"],
    zendesk: ["signing_secret", "subdomain", "replay_window_sec"],
  },
};

/** Options that are paths: that runner read them from its working directory. */
export const pathOptions: readonly string[] = ["path"];

/** Whether that runner did something with an option of an entry. Undefined: it knew no such kind. */
export function wasUsed(direction: MovedDirection, kind: string, option: string): boolean | undefined {
  const kinds = usedByKind[direction];
  return Object.hasOwn(kinds, kind) ? (kinds[kind] ?? []).includes(option) : undefined;
}

/** The keys of its other tables. */
export const usedTables: Readonly<Record<string, readonly string[]>> = {
  statewave: ["url", "api_key", "tenant_id"],
  runner: ["port", "host", "state_dir", "log_format", "state", "metrics"],
  "runner.state": ["kind", "path", "url", "table", "key_prefix"],
  "runner.metrics": ["path", "auth"],
};
