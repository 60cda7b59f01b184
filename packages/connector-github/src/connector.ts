import { defineConnector } from "@statewave-connectors/connector-sdk";
import { githubPullConfig, type GithubPullConfig } from "./config.ts";
import { openPull } from "./pull.ts";
import { githubPushConfig, type GithubPushConfig } from "./push-config.ts";
import { maxBodyBytes, openPush } from "./push.ts";
import { version } from "./version.ts";

/** GitHub: reads issues, pull requests, comments, reviews and releases, and takes webhooks about them. */
export const connector = defineConnector<GithubPullConfig, GithubPushConfig>({
  kind: "github",
  version,
  pull: { config: githubPullConfig, open: openPull },
  push: { config: githubPushConfig, maxBodyBytes, open: openPush },
});
