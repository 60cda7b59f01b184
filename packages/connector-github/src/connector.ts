import { defineConnector } from "@statewave-connectors/connector-sdk";
import { githubPullConfig, type GithubPullConfig } from "./pull-options.ts";
import { seedCursor, streams } from "./pull/stream-cursors.ts";
import { openPull } from "./pull/pull.ts";
import { githubPushConfig, type GithubPushConfig } from "./push-options.ts";
import { maxBodyBytes, openPush } from "./webhook/push.ts";
import { samples } from "./webhook/samples.ts";
import { version } from "./version.ts";

/** What a fine-grained token or an app must be allowed to read. */
const rights = [
  { name: "Metadata", for: "finding the repository" },
  { name: "Issues", for: "issues and their comments" },
  { name: "Pull requests", for: "pull requests, reviews and comments on code" },
  { name: "Contents", for: "releases", optional: true },
];

/** GitHub: reads issues, pull requests, comments, reviews and releases, and takes webhooks about them. */
export const connector = defineConnector<GithubPullConfig, GithubPushConfig>({
  kind: "github",
  version,
  pull: {
    config: githubPullConfig,
    rights,
    open: openPull,
    seed: (_, { since }) => seedCursor(since),
    ...streams.declared,
  },
  push: { config: githubPushConfig, maxBodyBytes, open: openPush, samples },
});
